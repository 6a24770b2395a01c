import { describe, expect, test } from 'vitest';
import { type FlowGate, reserve } from '../../../src/audit/calls/index.ts';
import { ShardedOutbox, type VerifierRecord } from '../../../src/audit/index.ts';
import type { CountedCall, ToldLabels } from '../../../src/lifecycle/index.ts';
import { ok } from '../../../src/result.ts';

/** A call that is decided by what its workflow has read, between its charge and its record. */

const TOLD: ToldLabels = { labels: ['private'], label: 'exact' };
const KNOWN = { labels: ['private'], label: 'exact' } as const;
const DENIAL = {
  code: 'flow_denied',
  labels: 'private',
  label: 'exact',
  reason: 'it stays here',
} as const;

function scene(flow: Partial<FlowGate>, { returns = true, logs = true } = {}) {
  const steps: string[] = [];
  const records: VerifierRecord[] = [];
  const outbox = new ShardedOutbox(
    'v',
    () => async (batch) => {
      records.push(...batch);
      return { refused: logs ? [] : batch.map(({ id }) => id) };
    },
    () => undefined,
  );
  const ledger = {
    take: async ({ withLabels }: CountedCall) => {
      steps.push(withLabels ? 'charge with labels' : 'charge');
      return ok(true);
    },
    labelsFor: () => TOLD,
    ended: () => undefined,
    giveBack: async () => {
      steps.push('give back');
      return returns;
    },
    settle: async () => undefined,
  };
  const gate: FlowGate = {
    asks: true,
    decide: (told) => {
      steps.push(`decide by ${told?.labels.join()}`);
      return { known: KNOWN };
    },
    raise: async () => {
      steps.push('raise');
      return true;
    },
    ...flow,
  };
  const run = (tier: 2 | 3 = 3) =>
    reserve(
      { outbox, ledger },
      {
        allowed: true,
        stale: false,
        evidence: { revocationIds: [], workflow: 'wf_1', tool: 'mcp/mail/send', tier },
      },
      {},
      'tools/call',
      { flow: gate },
    );
  return { run, steps, records };
}

describe('a call whose workflow may have read something', () => {
  test('is charged, decided, and labelled before it is announced and made', async () => {
    const { run, steps, records } = scene({});
    const opened = await run();
    expect(steps).toEqual(['charge with labels', 'decide by private', 'raise']);
    expect(records).toMatchObject([{ event: 'dispatch', flow: KNOWN }]);
    const outcome = { status: 200, result: 'ok', milliseconds: 1, bytes: 1 } as const;
    expect(opened.ok && opened.value.close(outcome)).toMatchObject({ flow: KNOWN, charged: true });
  });

  test('that is denied gives its charge back, labels nothing and announces nothing', async () => {
    const { run, steps, records } = scene({
      decide: () => ({ known: KNOWN, denial: DENIAL }),
    });
    expect(await run()).toEqual({ ok: false, error: { denial: DENIAL, flow: KNOWN } });
    expect([steps, records]).toEqual([['charge with labels', 'give back'], []]);
  });

  test('that is denied says so if its charge stands', async () => {
    const { run } = scene({ decide: () => ({ denial: DENIAL }) }, { returns: false });
    expect(await run()).toMatchObject({ error: { charged: true } });
  });

  test('whose labels could not be set is not made', async () => {
    const { run, steps, records } = scene({ raise: async () => false });
    expect(await run(2)).toEqual({ ok: false, error: { denial: { code: 'labels_unavailable' } } });
    expect(steps.at(-1)).toBe('give back');
    expect(records).toEqual([]);
  });

  test('that the log does not take is given back', async () => {
    const { run, steps } = scene({}, { logs: false });
    expect(await run()).toMatchObject({
      error: { denial: { code: 'record_unwritten' }, dispatch: expect.any(String) },
    });
    expect(steps.at(-1)).toBe('give back');
  });

  test('asks for no labels if it does not leave', async () => {
    const { run, steps } = scene({ asks: false, decide: () => ({}) });
    expect((await run(2)).ok).toBe(true);
    expect(steps).toEqual(['charge', 'raise']);
  });
});
