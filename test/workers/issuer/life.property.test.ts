import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import { findLogFault } from '../../../src/audit/index.ts';
import { type ActorKind, isTerminal } from '../../../src/lifecycle/index.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../../../workers/issuer/platform/env.ts';
import type { WorkflowStart } from '../../../workers/issuer/workflow/binding.ts';
import { readMerged } from './merged.ts';
import { openRowsOf, readTree, untilPublished } from './stored-tree.ts';

/**
 * Operators, agents, rules, alarms and crashes in any order, against three invariants: ends are
 * final, no budget is overspent, and the feed finally agrees with the stored states.
 */
const env = untyped as unknown as IssuerEnv;
const NOW = Math.floor(Date.now() / 1000);
const [ROOT, CHILD] = ['wf_root', 'wf_root.a'];
const IDS = [ROOT, CHILD] as const;
const LIMIT = 10;

const start = (id: string, change: Partial<WorkflowStart> = {}): WorkflowStart => ({
  id,
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  task: 'task',
  gen: 1,
  tier: 1,
  audience: 'https://gateway.example',
  startedAt: NOW,
  expires: NOW + 3_000,
  ends: NOW + 3_000,
  blocks: [`block of ${id}`],
  grants: [],
  ...change,
});
const root = () => workflowOf(env, ROOT);

const which = fc.constantFrom(...IDS);
const step = fc.oneof(
  fc.record({
    kind: fc.constant('move' as const),
    id: which,
    move: fc.constantFrom('suspend' as const, 'resume', 'complete', 'fail', 'revoke'),
  }),
  fc.record({
    kind: fc.constant('charge' as const),
    id: which,
    nonces: fc.uniqueArray(fc.nat(30), { maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant('pause' as const), id: which }),
  fc.record({ kind: fc.constant('stray' as const), id: which }),
  fc.record({ kind: fc.constantFrom('alarm' as const, 'evict') }),
  fc.record({
    kind: fc.constant('lose' as const),
    log: fc.constantFrom('LOG', 'REVOCATION_LOG'),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let numbered = 0;
const stray = (workflow: string): DecisionRecord => {
  numbered += 1;
  return {
    event: 'decision',
    id: `v.${numbered}`,
    verifier: 'v',
    n: numbered,
    workflow,
    at: Date.now(),
    blocks: [],
    allowed: false,
    code: 'no_grant',
    tool: 't',
    tier: 1,
  };
};

/** A failure caused by an unavailable log is retried by the caller or by the alarm. */
async function attempt<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch {
    return undefined;
  }
}

async function take(one: Step): Promise<unknown> {
  switch (one.kind) {
    case 'move': {
      const by: ActorKind = one.move === 'complete' || one.move === 'fail' ? 'agent' : 'operator';
      const { id, move } = one;
      return attempt(async () =>
        move === 'revoke'
          ? await root().revoke(id, { actor: 'operator', reason: 'test' })
          : await root().move(id, { move, by, actor: by, reason: 'test' }),
      );
    }
    case 'charge': {
      const charged: string[] = [];
      for (const nonce of one.nonces.map((n) => `${one.id} ${n}`)) {
        const order = { workflow: one.id, nonce, tool: 't', amounts: {} };
        const answer = await attempt(async () => await root().charge(order));
        if (answer?.ok) charged.push(nonce);
      }
      return charged;
    }
    case 'pause':
      await take({ kind: 'move', id: one.id, move: 'suspend' });
      return take({ kind: 'move', id: one.id, move: 'resume' });
    case 'stray':
      return attempt(async () => await root().observe([stray(one.id)]));
    case 'alarm':
      return attempt(async () => await runDurableObjectAlarm(root()));
    case 'evict':
      return evictDurableObject(env.WORKFLOW.getByName(ROOT));
    case 'lose':
      return runInDurableObject(root(), (object) => {
        const call = () => Promise.reject(new Error('lost'));
        const lost = { getByName: () => new Proxy({}, { get: () => call }) };
        Object.assign(object, { env: { ...env, [one.log]: lost } });
      });
  }
}

const viewed = async (id: string) => {
  const view = await root().view(id);
  if (!view) throw new Error('a workflow is gone');
  return view;
};

/** Returns whether the log stops a token of this generation. */
const isStopped = (workflow: string, ancestors: readonly string[], gen: number) =>
  revocationLog(env).isStopped({
    workflow,
    ancestors: [...ancestors],
    gen,
    blocks: [],
    issuerKey: 1,
    agent: 'agent',
    subject: 'user',
    owner: 'team',
    issuedAt: new Date(NOW * 1000),
    grants: [],
  } as never);

/** Returns what is decided and not in force yet. */
const unsettled = () =>
  runInDurableObject(root(), (_object, { storage }) => [
    ...readTree(storage).workflows.filter(({ state, ordered }) => state !== ordered),
    ...openRowsOf(storage, 'intent'),
    ...openRowsOf(storage, 'finding'),
  ]);

test('ends are final, no budget is overspent, and the feed finally agrees with the stored states', async () => {
  const run = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
    // What an object still publishes would disturb the next story, which has the same ids.
    await untilPublished(root());
    await reset();
    numbered = 0;
    await root().begin(start(ROOT, { budgets: { calls: LIMIT } }));
    await root().begin(start(CHILD, { parent: ROOT, budgets: { calls: 4 }, asked: { calls: 4 } }));
    const ended = new Map<string, string>();
    const gens = new Map<string, number>();
    const charged = new Set<string>();
    for (const one of steps) {
      const answer = await take(one);
      if (one.kind === 'charge') for (const nonce of answer as string[]) charged.add(nonce);
      expect(charged.size).toBeLessThanOrEqual(LIMIT);
      for (const id of IDS) {
        const { state, gen } = await viewed(id);
        expect(ended.get(id) ?? state).toBe(state);
        if (isTerminal(state)) ended.set(id, state);
        expect(gen).toBeGreaterThanOrEqual(gens.get(id) ?? 1);
        gens.set(id, gen);
      }
      // A parent's end is also its child's.
      if (ended.has(ROOT)) expect(ended.has(CHILD)).toBe(true);
    }
    await evictDurableObject(env.WORKFLOW.getByName(ROOT));
    await runDurableObjectAlarm(root());
    // The alarm may have been running already, by itself.
    await expect.poll(unsettled).toEqual([]);
    for (const id of IDS) {
      const { state, gen, ancestors } = await viewed(id);
      expect([id, await isStopped(id, ancestors, gen)]).toEqual([id, state !== 'active']);
      if (gen > 1) expect(await isStopped(id, ancestors, gen - 1)).toBe(true);
    }
    expect(await findLogFault(await readMerged(env, { after: 0 }), 0)).toBeUndefined();
  });
  // On a machine with other work a story takes many seconds: then there are fewer of them.
  const interruptAfterTimeLimit = 240_000;
  await fc.assert(run, { numRuns: 40, interruptAfterTimeLimit });
}, 400_000);
