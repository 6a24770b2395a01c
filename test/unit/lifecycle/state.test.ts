import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ActorKind,
  due,
  dueAt,
  isTerminal,
  type Lifecycle,
  type Move,
  mayMint,
  STATES,
  STEPS,
  stateAfter,
  stateAt,
  transition,
} from '../../../src/lifecycle/index.ts';

const MOVES: readonly Move[] = [
  ...(['start', 'suspend', 'resume', 'complete', 'finish', 'fail', 'revoke', 'expire'] as const),
];
const ACTORS: readonly ActorKind[] = ['agent', 'operator', 'rule', 'parent', 'clock'];

const life = (change: Partial<Lifecycle> = {}): Lifecycle => ({
  id: 'wf',
  state: 'active',
  gen: 1,
  ends: 10_000,
  idleSeconds: 3_600,
  activeAt: 1_000,
  tokensEnd: 1_300,
  ...change,
});

const moved = (held: Lifecycle, move: Move, by: ActorKind, now = 1_100) => {
  const result = transition(held, { move, by }, now);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
};

describe('the state machine', () => {
  test('has exactly four terminal states, which no move leaves', () => {
    const terminal = STATES.filter(isTerminal);
    expect(terminal).toEqual(['completed', 'failed', 'revoked', 'expired']);
    for (const state of terminal)
      for (const move of MOVES)
        for (const by of ACTORS) expect(stateAfter(state, move, by)).toBeUndefined();
  });

  test('lets only operators resume a workflow, and parents what they suspended themselves', () => {
    const undoing = STEPS.filter(({ from, to }) => from === 'suspended' && to === 'active');
    expect(undoing.flatMap(({ by }) => by)).toEqual(['operator', 'parent']);
    for (const by of ['operator', 'rule'] as const) {
      const { after } = moved(life(), 'suspend', by);
      expect(transition(after, { move: 'resume', by: 'parent' }, 1_100)).toMatchObject({
        error: { code: 'move_refused', state: 'suspended' },
      });
    }
    const { after } = moved(life(), 'suspend', 'parent');
    expect(moved(after, 'resume', 'parent').after).toMatchObject({ state: 'active', gen: 2 });
  });

  test('can reach every state, and can revoke and expire every living state', () => {
    expect(new Set(['pending', ...STEPS.map(({ to }) => to)])).toEqual(new Set(STATES));
    for (const state of STATES.filter((one) => !isTerminal(one))) {
      expect(stateAfter(state, 'revoke', 'operator')).toBe('revoked');
      const clock = state === 'completing' ? 'finish' : 'expire';
      expect(isTerminal(stateAfter(state, clock, 'clock') ?? 'active')).toBe(true);
    }
  });
});

describe('a transition', () => {
  test('has a feed entry that invalidates the tokens, or one that keeps old tokens invalid', () => {
    const suspended = moved(life(), 'suspend', 'rule');
    expect(suspended.entry).toEqual({ kind: 'suspension', id: 'wf', gen: 1 });
    const resumed = moved(suspended.after, 'resume', 'operator');
    expect(resumed.entry).toEqual({ kind: 'resumption', id: 'wf', gen: 2 });
    expect(moved(life(), 'revoke', 'operator').entry).toEqual({ kind: 'workflow', id: 'wf' });
    expect(moved(life(), 'fail', 'agent').entry).toEqual({ kind: 'workflow', id: 'wf' });
  });

  test('has no feed entry if no token can be valid, unless an operator revokes', () => {
    const idle = life({ tokensEnd: 1_000 });
    expect(moved(idle, 'expire', 'clock', 1_061).entry).toBeUndefined();
    expect(moved(idle, 'expire', 'clock', 1_060).entry).toBeDefined();
    expect(moved(idle, 'revoke', 'operator', 5_000).entry).toBeDefined();
    const childLives = transition(idle, { move: 'expire', by: 'clock' }, 1_061, 2_000);
    expect(childLives).toMatchObject({ value: { entry: { kind: 'workflow' } } });
  });

  test('to completing keeps tokens valid for a grace period of at most 30 s', () => {
    const done = (graceSeconds: number) =>
      transition(life(), { move: 'complete', by: 'agent', graceSeconds }, 1_100);
    expect(done(10)).toMatchObject({ value: { after: { graceEnds: 1_110 } } });
    expect(done(10)).not.toHaveProperty('value.entry');
    expect(done(500)).toMatchObject({ value: { after: { graceEnds: 1_130 } } });
    expect(done(-5)).toMatchObject({ value: { after: { graceEnds: 1_100 } } });
    const { after } = moved(life(), 'complete', 'agent');
    expect(moved(after, 'suspend', 'operator')).toMatchObject({
      after: { state: 'completed' },
      entry: { kind: 'workflow' },
    });
  });
});

describe('the clock', () => {
  test('expires a workflow at its end, and when it is idle unless it is suspended', () => {
    expect(dueAt(life())).toBe(4_600);
    expect(dueAt(life({ activeAt: 9_000 }))).toBe(10_000);
    expect(dueAt(life({ state: 'suspended' }))).toBe(10_000);
    expect(due(life(), 4_600)).toBeUndefined();
    expect(due(life(), 4_601)).toEqual({ move: 'expire', by: 'clock' });
    for (const state of STATES.filter(isTerminal)) expect(dueAt(life({ state }))).toBeUndefined();
  });

  const leased = (change: Partial<Lifecycle> = {}) =>
    life({ lease: { seconds: 110, renewedAt: 1_000 }, ...change });

  test('expires a workflow that is not renewed in time, although its agent calls', () => {
    expect(dueAt(leased({ activeAt: 1_100 }))).toBe(1_110);
    expect(stateAt(leased({ activeAt: 1_100 }), 1_110)).toBe('active');
    expect(stateAt(leased({ activeAt: 1_100 }), 1_111)).toBe('expired');
    expect(dueAt(leased({ ends: 1_050 }))).toBe(1_050);
    expect(dueAt(leased({ lease: { seconds: 110, renewedAt: 1_090 } }))).toBe(1_200);
  });

  test('does not expire a suspended workflow for lack of renewals, which its resumption awaits', () => {
    const { after } = moved(leased(), 'suspend', 'operator');
    expect(stateAt(after, 2_000)).toBe('suspended');
    const resumed = moved(after, 'resume', 'operator', 2_000).after;
    expect(dueAt(resumed)).toBe(2_110);
  });

  test('takes effect for readers and mints before its alarm fires', () => {
    expect(stateAt(life(), 4_601)).toBe('expired');
    expect(mayMint(life(), 4_601)).toBe(false);
    expect(stateAt(life({ state: 'completing', graceEnds: 1_110 }), 1_111)).toBe('completed');
    for (const state of STATES) expect(mayMint(life({ state }), 1_000)).toBe(state === 'active');
  });
});

test('over any sequence of moves, ends are final, generations only rise, and only active workflows mint', () => {
  const step = fc.record({
    move: fc.constantFrom(...MOVES),
    by: fc.constantFrom(...ACTORS),
    seconds: fc.nat(2_000),
    graceSeconds: fc.integer({ min: -10, max: 100 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let held = life({ state: 'pending' });
      let now = 1_000;
      let ended: string | undefined;
      let suspended = 0;
      for (const { seconds, ...request } of steps) {
        now += seconds;
        const result = transition(held, request, now);
        if (result.ok) {
          expect(ended).toBeUndefined();
          const { after, entry } = result.value;
          const isResumed = held.state === 'suspended' && after.state === 'active';
          expect(after.gen).toBe(held.gen + (isResumed ? 1 : 0));
          if (isResumed) expect(entry).toMatchObject({ kind: 'resumption', gen: after.gen });
          if (after.state === 'suspended') suspended += 1;
          held = after;
        }
        if (isTerminal(held.state)) ended ??= held.state;
        if (ended) expect(held.state).toBe(ended);
        expect(held.gen).toBeLessThanOrEqual(1 + suspended);
        if (mayMint(held, now)) expect(held.state).toBe('active');
      }
    }),
    { numRuns: 500 },
  );
});
