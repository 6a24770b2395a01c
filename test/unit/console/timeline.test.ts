import { describe, expect, test } from 'vitest';
import type { AuditRecord, DecisionRecord } from '../../../src/audit/index.ts';
import {
  actorWords,
  bytesWords,
  effectWords,
  eventOf,
} from '../../../src/console/workflow/record-event.ts';
import { NOTHING_READ, withPage } from '../../../src/console/workflow/records-read.ts';
import {
  narrowEvents,
  stripMarks,
  stripWords,
  withoutDecided,
} from '../../../src/console/workflow/timeline.ts';

const AT = Date.parse('2026-11-28T10:42:07Z');
const decision = (more: Partial<DecisionRecord>): DecisionRecord => ({
  event: 'decision',
  id: 'gw.1',
  at: AT,
  verifier: 'gw',
  n: 1,
  blocks: [],
  allowed: true,
  tool: 'mcp/files/read_text_file',
  action: 'read',
  datasets: ['files/reports/q1.md'],
  ...more,
});
const shown = (record: AuditRecord) => {
  const event = eventOf(record);
  if (!event) throw new Error('not shown');
  return event;
};
const outcome = {
  status: 200,
  result: 'ok',
  milliseconds: 9.4,
  bytes: 2_100,
} as const;

describe('an event of the timeline', () => {
  test('says what an allowed call did, and its effect', () => {
    expect(shown(decision({ outcome }))).toEqual({
      id: 'gw.1',
      at: AT,
      kind: 'allowed',
      words: 'read files/reports/q1.md',
      tool: 'mcp/files/read_text_file',
      datasets: ['files/reports/q1.md'],
      effect: 'answered, 2.1 kB, 9 ms',
      changes: false,
    });
    expect(shown(decision({ action: 'write', datasets: ['a', 'b'] })).words).toBe('wrote a and b');
    expect(shown(decision({ action: 'send', datasets: ['mail'] })).words).toBe('send on mail');
    expect(shown(decision({ datasets: [] })).words).toBe('called mcp/files/read_text_file');
    expect(shown(decision({ datasets: ['a', 'b', 'c'] })).words).toBe('read a and 2 more');
  });

  test('says what a denied call tried, with its code', () => {
    expect(shown(decision({ allowed: false, code: 'no_grant' }))).toMatchObject({
      kind: 'denied',
      words: 'tried to read files/reports/q1.md',
      code: 'no_grant',
      message: 'No grant covers this call.',
    });
    const { tool: _, ...nameless } = decision({
      allowed: false,
      datasets: [],
      method: 'tools/call',
    });
    expect(shown(nameless).words).toBe('tried to call tools/call');
  });

  test('says that an observed call was made although it would be denied', () => {
    const event = shown(decision({ allowed: false, observed: true, code: 'no_grant' }));
    expect(event.kind).toBe('allowed');
    expect(event.more).toContain('would have been denied');
  });

  test('does not show a call with an unknown effect as answered', () => {
    const lost = { ...outcome, result: 'unknown', cause: 'connection' } as const;
    expect(shown(decision({ outcome: lost }))).toMatchObject({
      kind: 'unknown',
      effect:
        'unknown: the connection ended before the server answered. The call may have happened',
    });
  });

  test.each([
    [{ result: 'tool_error' }, 'the tool reported an error, 2.1 kB, 9 ms'],
    [{ result: 'protocol_error' }, 'the server reported a protocol error, 2.1 kB, 9 ms'],
    [
      { result: 'upstream_refused', status: 403 },
      'the server refused it with status 403, so nothing was done',
    ],
    [
      { result: 'too_large' },
      'unknown: the answer was too large to read. The call may have happened',
    ],
  ] as const)('says the effect %j', (more, words) => {
    expect(effectWords({ ...outcome, ...more })).toBe(words);
  });

  test('names who moved the workflow, and why', () => {
    const moved = {
      event: 'transition',
      id: 't',
      at: AT,
      move: 'suspend',
      from: 'active',
      to: 'suspended',
      gen: 2,
      actor: 'rule:out-of-scope@1',
      reason: 'three denials',
    } as const;
    expect(shown(moved)).toMatchObject({
      kind: 'stopped',
      words: 'Suspended by the rule out-of-scope',
      more: 'three denials',
    });
    expect(actorWords('corp#alice@acme.example')).toBe('corp#alice@acme.example');
    expect(actorWords('parent:wf_a')).toBe('the workflow above it');
  });

  test('leads from a question to its approval', () => {
    expect(
      shown({
        event: 'approval_asked',
        id: 'a',
        at: AT,
        approval: 'apr_1',
        digest: 'd',
        audience: 'x',
        grants: [{ tool: 't', action: 'write', dataset: 'files/a' }],
        expires: AT / 1000 + 60,
      }),
    ).toMatchObject({ kind: 'step', approval: 'apr_1', more: 'write files/a' });
  });

  test('says what a mint gave', () => {
    const mint = {
      event: 'mint',
      id: 'm',
      at: AT,
      agent: 'corp#report',
      blocks: [],
      audience: 'x',
      grants: [{ tool: 't', action: 'read', dataset: 'd' }],
      rules: [],
      refused: [],
      tier: 1,
      budgets: {},
      expires: AT / 1000 + 300,
    } as const;
    expect(shown(mint)).toMatchObject({
      words: 'Capability issued to corp#report',
      more: '1 grant; bound to no key; lives 5 min',
    });
  });

  test('leaves out records that concern no workflow', () => {
    expect(
      eventOf({ event: 'gap', id: 'g', at: AT, verifier: 'gw', after: 1, before: 3 }),
    ).toBeUndefined();
  });
});

test('shows a call once, even if a record was written before it', () => {
  const { allowed: _, ...call } = decision({ id: 'gw.1' });
  const dispatch: AuditRecord = { ...call, event: 'dispatch' };
  const decided = decision({ id: 'gw.2', dispatch: 'gw.1' });
  expect(withoutDecided([dispatch, decided])).toEqual([decided]);
  // Without its decision, the call may have happened.
  expect(withoutDecided([dispatch]).map((record) => shown(record).kind)).toEqual(['unknown']);
});

test('adds pages of records in the order of time, and effects that came late', () => {
  const page = (at: number, ...records: AuditRecord[]) => ({
    records: records.map((record) => ({ record })),
    effects: [],
    next: `n${at}`,
    end: at === 2,
  });
  const first = withPage(NOTHING_READ, page(1, decision({ id: 'gw.1', at: AT + 5 })));
  const second = withPage(first, {
    ...page(2, decision({ id: 'gw.0', at: AT }), decision({ id: 'gw.1', at: AT + 5 })),
    effects: [{ decision: 'gw.1', effect: outcome }],
  });
  expect(second.records.map(({ id }) => id)).toEqual(['gw.0', 'gw.1']);
  expect(second.records[1]).toMatchObject({ outcome });
  expect(second).toMatchObject({ cursor: 'n2', isWhole: true });
});

describe('the timeline', () => {
  const events = [
    shown(decision({ id: 'gw.1' })),
    shown(decision({ id: 'gw.2', action: 'write' })),
    shown(decision({ id: 'gw.3', allowed: false, at: AT + 5_000 })),
    shown(decision({ id: 'gw.4', outcome: { ...outcome, result: 'unknown' }, at: AT + 10_000 })),
  ];

  test('never hides a denial', () => {
    const ids = (only: Parameters<typeof narrowEvents>[1]) =>
      narrowEvents(events, only).map(({ id }) => id);
    expect(ids('')).toEqual(['gw.1', 'gw.2', 'gw.3', 'gw.4']);
    expect(ids('denied')).toEqual(['gw.3']);
    expect(ids('effects')).toEqual(['gw.2', 'gw.3', 'gw.4']);
  });

  test('is a strip of marks by time', () => {
    expect(stripMarks(events, { from: AT, to: AT + 10_000 }).map(({ at }) => at)).toEqual([
      0, 0, 0.5, 1,
    ]);
    expect(stripMarks(events.slice(0, 1), { from: AT, to: AT })[0]?.at).toBe(0);
    expect(stripWords(events)).toBe(
      '4 calls: 2 allowed, 1 denied, 1 with an unknown effect. The list below has each.',
    );
  });
});

test.each([
  [1, '1 byte'],
  [999, '999 bytes'],
  [2_149, '2.1 kB'],
  [45_600, '46 kB'],
  [3_400_000, '3.4 MB'],
  [12_000_000_000, '12,000 MB'],
])('writes %d bytes as %s', (bytes, words) => {
  expect(bytesWords(bytes)).toBe(words);
});
