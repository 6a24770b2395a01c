import { describe, expect, test } from 'vitest';
import { openCall, recordDenial, reserve } from '../../../src/audit/calls/index.ts';
import { FILL_MAX_OF_TIER } from '../../../src/audit/calls/room.ts';
import {
  decisionLogOf,
  type RecordSink,
  ShardedOutbox,
  type VerifierRecord,
} from '../../../src/audit/index.ts';
import { RECORDS_QUEUED_MAX } from '../../../src/audit/outbox.ts';
import { ok } from '../../../src/result.ts';

/** How full the way to the log is, and which calls are still made then. */

const quiet = () => undefined;
const allowed = (tier: 0 | 1 | 2 | 3, workflow = 'wf_1') =>
  ({
    allowed: true,
    stale: false,
    evidence: { revocationIds: [], workflow, tool: 'crm.search', tier },
  }) as const;

function accountsWith(sink: RecordSink) {
  const asked: string[] = [];
  const outbox = new ShardedOutbox('v', () => sink, quiet);
  const ledger = {
    take: async () => {
      asked.push('charge');
      return ok(true);
    },
    ended: () => undefined,
    giveBack: async () => true,
    settle: async () => undefined,
  };
  const fillTo = (waiting: number, workflow = 'wf_1') => {
    const one = outbox.of(workflow);
    while (one.waiting < waiting) openCall({ outbox, ledger }, allowed(1, workflow), 'GET');
  };
  return { accounts: { outbox, ledger }, asked, fillTo };
}

const tiersOf = async (accounts: Parameters<typeof reserve>[0], workflow = 'wf_1') => {
  const made: number[] = [];
  for (const tier of [0, 1, 2, 3] as const) {
    if ((await reserve(accounts, allowed(tier, workflow), {}, 'GET')).ok) made.push(tier);
  }
  return made;
};

describe('calls stop by tier while the log takes nothing:', () => {
  const down: RecordSink = () => Promise.reject(new Error('down'));

  test.each([
    [0, [0, 1, 2]],
    [0.5, [0, 1, 2]],
    [0.74, [0, 1, 2]],
    [0.75, [0, 1]],
    [0.89, [0, 1]],
    [0.9, [0]],
    [0.99, [0]],
    [1, []],
  ])('with a queue that is full to %d', async (fill, tiers) => {
    const { accounts, fillTo } = accountsWith(down);
    fillTo(fill * RECORDS_QUEUED_MAX);
    expect(await tiersOf(accounts)).toEqual(tiers);
  });

  test('those of other logs continue', async () => {
    const { accounts, fillTo } = accountsWith(down);
    const other = Array.from({ length: 50 }, (_, i) => `wf_${i}`).find(
      (one) => decisionLogOf(one, '') !== decisionLogOf('wf_1', ''),
    );
    fillTo(RECORDS_QUEUED_MAX);
    expect(await tiersOf(accounts, 'wf_1')).toEqual([]);
    expect(await tiersOf(accounts, other)).toEqual([0, 1, 2]);
  });

  test('whatever strangers were denied', async () => {
    const { accounts } = accountsWith(down);
    const denial = { code: 'token_missing' } as const;
    const evidence = { revocationIds: [], workflow: 'wf_1' };
    for (let i = 0; i < 2 * RECORDS_QUEUED_MAX; i++) {
      recordDenial(accounts, { allowed: false, denial, evidence }, 'GET');
    }
    expect(await tiersOf(accounts)).toEqual([0, 1, 2]);
    const kept = accounts.outbox.of('wf_1');
    expect(kept.waiting).toBe(RECORDS_QUEUED_MAX);
  });

  test('and charge nothing', async () => {
    const { accounts, asked, fillTo } = accountsWith(down);
    fillTo(RECORDS_QUEUED_MAX);
    const answer = await reserve(accounts, allowed(2), {}, 'GET');
    expect(answer).toEqual({ ok: false, error: { denial: { code: 'record_unwritten' } } });
    expect(asked).toEqual([]);
  });
});

describe('calls stop by tier as the log reports that it fills:', () => {
  test.each([
    [0.4, [0, 1, 2, 3]],
    [0.5, [0, 1, 2]],
    [0.8, [0, 1]],
    [0.95, [0]],
    [1, []],
  ])('at %d', async (fill, tiers) => {
    const { accounts, fillTo } = accountsWith(async () => ({ refused: [], fill }));
    fillTo(1);
    await accounts.outbox.flush();
    expect(await tiersOf(accounts)).toEqual(tiers);
  });

  test('the highest tier first, and plain reads last', () => {
    expect(FILL_MAX_OF_TIER).toEqual(FILL_MAX_OF_TIER.toSorted((a, b) => b - a));
    expect(new Set(FILL_MAX_OF_TIER).size).toBe(4);
  });
});

test('each log gets the records of its workflows, numbered from 1 under a name of its own', async () => {
  const sent = new Map<string, VerifierRecord[]>();
  const outbox = new ShardedOutbox(
    'v',
    (log) => async (batch) => void sent.set(log, [...(sent.get(log) ?? []), ...batch]),
    quiet,
  );
  const ledger = {
    take: async () => ok(true),
    ended: () => undefined,
    giveBack: async () => true,
    settle: async () => {},
  };
  const workflows = Array.from({ length: 40 }, (_, i) => `wf_${i}`);
  for (const workflow of workflows) openCall({ outbox, ledger }, allowed(2, workflow), 'GET');
  expect(await outbox.flush()).toBe(true);
  expect(sent.size).toBe(4);
  for (const [log, records] of sent) {
    expect(new Set(records.map(({ verifier }) => verifier))).toEqual(new Set([`v-${log.at(-1)}`]));
    expect(records.map(({ n }) => n)).toEqual(records.map((_, index) => index + 1));
    expect(records.every(({ workflow }) => decisionLogOf(workflow, 'v') === log)).toBe(true);
  }
  expect(outbox.counts().counts).toEqual(
    [...sent]
      .map(([origin, { length: n }]) => ({ origin, n }))
      .toSorted((a, b) => (a.origin < b.origin ? -1 : 1)),
  );
});
