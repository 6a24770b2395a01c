import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  type DecisionRecord,
  type Outcome,
  toDispatchRecord,
  toOutcomeRecord,
  type VerifierRecord,
} from '../../../src/audit/index.ts';
import { decisionRecord } from '../../../src/audit/kinds/decision.ts';
import { appendTo } from '../../../workers/gateway/call/older-issuer.ts';

const decision: DecisionRecord = {
  event: 'decision',
  id: 'v.1',
  verifier: 'v',
  n: 1,
  at: 1_000,
  workflow: 'wf_1',
  blocks: ['b'],
  tier: 3,
  allowed: true,
  stale: false,
};
const unknown: Outcome = {
  status: 502,
  result: 'unknown',
  cause: 'timeout',
  bytes: 0,
  milliseconds: 1,
};
const stamp = { verifier: 'v', n: 3, at: 1_000 };
const BATCH: readonly VerifierRecord[] = [
  toDispatchRecord(decision),
  { ...decision, id: 'v.2', n: 2, charged: true, dispatch: 'v.1' },
  toOutcomeRecord({ ...decision, id: 'v.2' }, stamp, unknown),
  { ...decision, id: 'v.4', n: 4, outcome: { ...unknown, cause: 'too_large' } },
];

/** The outcomes, and the members of a decision, that release 0.1.0 knew. */
const RESULTS_010 = ['ok', 'tool_error', 'protocol_error', 'upstream_unreachable', 'too_large'];

function isAcceptedBy010(record: VerifierRecord): boolean {
  const { event, outcome } = { outcome: undefined, ...record };
  if (event !== 'decision' && event !== 'outcome') return false;
  if (outcome && ('cause' in outcome || !RESULTS_010.includes(outcome.result))) return false;
  return event === 'outcome' || (!('dispatch' in record) && v.is(decisionRecord, record));
}

function issuerOf010() {
  const log = new Map<string, VerifierRecord>();
  const append = async (batch: VerifierRecord[]) => {
    const accepted = batch.filter(isAcceptedBy010);
    for (const record of accepted) if (!log.has(record.id)) log.set(record.id, record);
    return { written: accepted.length };
  };
  return { log, append };
}

describe('an issuer of 0.1.0', () => {
  test('accepts every record of this release, so that irreversible calls continue', async () => {
    const { log, append } = issuerOf010();
    expect(await appendTo(append)(BATCH, 'log_only')).toEqual({ refused: [] });
    expect([...log.keys()]).toEqual(['v.1', 'v.2', 'v.3', 'v.4']);
    expect([...log.values()]).toMatchObject([
      { event: 'decision', allowed: true, charged: true },
      { event: 'decision', allowed: true, charged: true },
      { event: 'outcome', outcome: { result: 'upstream_unreachable' } },
      { event: 'decision', outcome: { result: 'too_large' } },
    ]);
  });

  test('gets the records that it knows unchanged, and once', async () => {
    let sent = 0;
    const { log, append } = issuerOf010();
    const counting = (batch: VerifierRecord[]) => {
      sent += 1;
      return append(batch);
    };
    await appendTo(counting)([decision]);
    expect([sent, log.get('v.1')]).toEqual([1, decision]);
  });

  test('gets its own form from then on, until the next try a minute later', async () => {
    let now = 0;
    const sent: string[] = [];
    const { append } = issuerOf010();
    const send = appendTo(
      (batch) => {
        sent.push(batch.map(({ event }) => event).join());
        return append(batch);
      },
      () => now,
    );
    const announced = [toDispatchRecord(decision)];
    for (now of [0, 1_000, 59_999, 60_000]) await send(announced);
    const both = ['dispatch', 'decision'];
    expect(sent).toEqual([...both, 'decision', 'decision', ...both]);
  });
});

test('accepts the refusal of an issuer of this release', async () => {
  let sent = 0;
  const refused = await appendTo(async () => {
    sent += 1;
    return { written: 3, refused: ['v.1'] };
  })(BATCH);
  expect([sent, refused]).toEqual([1, { refused: ['v.1'] }]);
});

describe('an issuer of 0.2.0', () => {
  /** It knows no catalogue in a record, and reports what it refuses. */
  function issuerOf020() {
    const log = new Map<string, VerifierRecord>();
    const append = async (batch: VerifierRecord[]) => {
      const accepted = batch.filter((one) => !('catalogue' in one) && one.id !== 'v.bad');
      for (const one of accepted) log.set(one.id, one);
      const refused = batch.filter((one) => !accepted.includes(one)).map(({ id }) => id);
      return { written: accepted.length, refused };
    };
    return { log, append };
  }
  const judged = { catalogue: { judged: 'a1'.repeat(32) } };

  test('gets every record without its catalogue, after a rollback', async () => {
    const { log, append } = issuerOf020();
    const batch = [
      { ...decision, ...judged },
      { ...decision, id: 'v.2', n: 2 },
    ];
    expect(await appendTo(append)(batch)).toEqual({ refused: [] });
    expect([...log.keys()].sort()).toEqual(['v.1', 'v.2']);
    expect(log.get('v.1')).not.toHaveProperty('catalogue');
  });

  test('still refuses what it refuses for another reason', async () => {
    const { append } = issuerOf020();
    const batch = [
      { ...decision, ...judged, id: 'v.bad' },
      { ...decision, ...judged },
    ];
    expect(await appendTo(append)(batch)).toEqual({ refused: ['v.bad'] });
  });
});

describe('an issuer of 0.3.0', () => {
  /** It knows no mode and no sample in a record, and reports what it refuses. */
  const issuerThatRefuses = (...members: readonly string[]) => {
    const log = new Map<string, VerifierRecord>();
    const append = async (batch: VerifierRecord[]) => {
      const accepted = batch.filter((one) => !members.some((name) => name in one));
      for (const one of accepted) log.set(one.id, one);
      const refused = batch.filter((one) => !accepted.includes(one)).map(({ id }) => id);
      return { written: accepted.length, refused };
    };
    return { log, append };
  };
  const observed: DecisionRecord = {
    ...decision,
    allowed: false,
    observed: true,
    code: 'no_grant',
    mode: 'observe',
    sample: { arguments: { path: 'a' } },
    catalogue: { judged: 'a1'.repeat(32) },
  };

  test('gets an observed call without its sample, with its catalogue', async () => {
    const { log, append } = issuerThatRefuses('mode', 'sample');
    expect(await appendTo(append)([observed, { ...decision, id: 'v.2', n: 2 }])).toEqual({
      refused: [],
    });
    expect([...log.keys()].sort()).toEqual(['v.1', 'v.2']);
    const { mode: _, sample: __, ...known } = observed;
    expect(log.get('v.1')).toEqual(known);
  });

  test('of 0.2.0 gets it without its catalogue as well', async () => {
    const { log, append } = issuerThatRefuses('mode', 'sample', 'catalogue');
    expect(await appendTo(append)([observed])).toEqual({ refused: [] });
    expect(log.get('v.1')).toMatchObject({ code: 'no_grant' });
    expect(log.get('v.1')).not.toHaveProperty('catalogue');
  });
});
