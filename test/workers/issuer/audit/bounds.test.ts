import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type AuditRecord,
  type DecisionRecord,
  findLogFault,
  type LinkedRecord,
  type MintRecord,
  type RefusalRecord,
  type RefusalsRecord,
} from '../../../../src/audit/index.ts';
import type { AuditFilter } from '../../../../workers/issuer/audit/binding.ts';
import { appendRecords } from '../../../../workers/issuer/log/append.ts';
import type { IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { fetchIssuer, OPERATOR, objects } from '../../../storage/dump/scene.ts';
import { evictLogs, runLogAlarms } from '../logs.scene.ts';
import { readMerged } from '../merged.ts';

/** What the log stores for strangers, for agents and for malformed records, and how much. */
const env = untyped as unknown as IssuerEnv;
const log = () => ({
  append: (records: readonly AuditRecord[]) => appendRecords(env, records),
  read: (filter: AuditFilter) => readMerged(env, filter),
});
const CLOCK = Date.UTC(2090, 0, 1);
const MINUTE = 60_000;

beforeEach(() => {
  // Later than any alarm of this test, so that alarms fire only when the test runs them.
  vi.useFakeTimers({ toFake: ['Date'], now: CLOCK });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

const all = async (): Promise<LinkedRecord[]> => {
  const records = await log().read({ after: 0 });
  expect(await findLogFault(records, 0)).toBeUndefined();
  return records;
};
const recordsOf = async <E extends AuditRecord['event']>(event: E) =>
  (await all()).flatMap(({ record }) =>
    record.event === event ? [record as Extract<AuditRecord, { event: E }>] : [],
  );
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;

let count = 0;
const AGENT = 'https://idp.example#report-agent';
const refusal = (change: Partial<RefusalRecord> = {}): RefusalRecord => {
  count += 1;
  return {
    event: 'refusal',
    id: `refusal.${count}`,
    at: Date.now(),
    error: 'invalid_request',
    code: 'subject_refused:expired',
    ...change,
  };
};
const decision = (n: number, change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  verifier: 'v',
  n,
  at: Date.now(),
  blocks: [],
  allowed: false,
  code: 'token_malformed',
  ...change,
});
const mint = (constraint: string): MintRecord => ({
  event: 'mint',
  id: 'mint.1',
  at: Date.now(),
  workflow: 'wf_1',
  agent: AGENT,
  blocks: ['ab'.repeat(32)],
  audience: 'https://gateway.example',
  grants: Array.from({ length: 8 }, (_, i) => ({
    tool: `mcp/files/tool_${i}`,
    action: 'write',
    dataset: 'files/reports',
    constraints: { '/path': { exact: constraint } } as never,
  })),
  rules: ['reports.datalog:1'],
  refused: [],
  tier: 1,
  budgets: {},
  expires: 1,
});
/** Advances past the end of the minute and runs what is due. */
async function nextMinute(): Promise<void> {
  vi.setSystemTime(Date.now() + MINUTE);
  await runLogAlarms(env);
}

describe('a record', () => {
  test('has at most 24 KiB: its longest parts become digests with their size', async () => {
    await log().append([mint('x'.repeat(4_000))]);
    const [written] = await recordsOf('mint');
    expect(bytesOf(written)).toBeLessThanOrEqual(24 * 1024);
    expect(written?.grants.map(({ tool, action, dataset }) => [tool, action, dataset])).toEqual(
      mint('').grants.map(({ tool, action, dataset }) => [tool, action, dataset]),
    );
    const parts = JSON.stringify(written).match(/\{"sha256":"[0-9a-f]{64}","bytes":\d+\}/g) ?? [];
    expect(parts.length).toBeGreaterThan(0);
    expect(parts[0]).toContain('"bytes":4002');
  });

  test('that is short is written unchanged', async () => {
    await log().append([mint('short')]);
    expect(await recordsOf('mint')).toEqual([mint('short')]);
  });

  test('with any content is written, bounded, and found by its id', async () => {
    const odd = fc.letrec((tie) => ({
      value: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom('\ud800', 'cut \ud83d', '\0', 'x'.repeat(70_000)),
        fc.double(),
        fc.constantFrom(null, undefined, true, 12n),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), tie('value'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string(), odd), { maxLength: 6 }), async (members) => {
        count += 1;
        const record = { ...Object.fromEntries(members), event: 'watermark', id: `odd.${count}` };
        await log().append([record as never]);
        const [last] = (await log().read({ after: 0 })).slice(-1);
        expect(last?.record.id).toBe(`odd.${count}`);
        expect(bytesOf(last?.record)).toBeLessThanOrEqual(4_096);
      }),
      { numRuns: 60 },
    );
    await log().append([{} as never, { event: 7, id: {}, at: 'now', workflow: ['x'] } as never]);
    expect((await all()).length).toBe(62);
  });

  test.each(['__proto__', 'prototype', 'constructor', 'toJSON', ''])(
    'with a member named %j keeps its hash when it is read',
    async (name) => {
      await log().append([JSON.parse(JSON.stringify(mint('x')).replace('"rules"', `"${name}"`))]);
      const [linked] = await all();
      expect(JSON.stringify(linked?.record)).toContain(`"${name}":["reports.datalog:1"]`);
    },
  );

  test('with a lone surrogate keeps no other record out of the log', async () => {
    const task = 'report \ud800';
    await log().append([refusal({ agent: AGENT, task }), refusal({ agent: AGENT, code: task })]);
    expect((await recordsOf('refusal')).map((one) => [one.task, one.code])).toEqual([
      ['report \ufffd', 'subject_refused:expired'],
      [undefined, 'report \ufffd'],
    ]);
  });
});

describe('refusals', () => {
  test('of strangers are counted by the minute and sampled, without records of their own', async () => {
    for (let i = 0; i < 500; i++) await log().append([refusal()]);
    await log().append([refusal({ code: 'details_invalid' })]);
    expect(await all()).toEqual([]);
    await nextMinute();
    const [written, ...rest] = await recordsOf('refusals');
    expect(rest).toEqual([]);
    expect(written).toMatchObject({
      from: CLOCK,
      to: CLOCK + MINUTE,
      count: 501,
      reasons: [
        { at: 'token', code: 'subject_refused:expired', count: 500 },
        { at: 'token', code: 'details_invalid', count: 1 },
      ],
      samples: [{ code: 'subject_refused:expired' }, { code: 'details_invalid' }],
    });
    expect(written).not.toHaveProperty('agent');
  });

  test('survive an eviction, and are written with the next record if the alarm is late', async () => {
    await log().append([refusal()]);
    await evictLogs(env);
    vi.setSystemTime(CLOCK + 5 * MINUTE);
    await log().append([mint('x')]);
    expect((await all()).map(({ record }) => record.event)).toEqual(['refusals', 'mint']);
  });

  test('of strangers contain nothing that the stranger wrote, at the token endpoint or in a call', async () => {
    const secret = 's3cret-text-of-a-stranger';
    await log().append([
      refusal({ task: secret, audience: secret }),
      decision(1, { method: secret, tool: secret, datasets: [secret], detail: { of: secret } }),
    ]);
    const body = { grant_type: 'x', authorization_details: secret, hewn_task: secret };
    await fetchIssuer(`${objects.ISSUER}/token`, {
      method: 'POST',
      body: new URLSearchParams(body),
    });
    await nextMinute();
    const text = JSON.stringify(await all());
    expect(text).not.toContain(secret);
    const written = await recordsOf('refusals');
    expect(written.reduce((sum, one) => sum + one.count, 0)).toBe(3);
    const samples = written.flatMap((one) => one.samples);
    const call = samples.find(({ verifier }) => verifier === 'v');
    expect(call).toMatchObject({
      tool: { bytes: secret.length + 2 },
      method: { sha256: expect.any(String) },
    });
  });

  test('with many reasons add one record a minute to the log, and leave no row', async () => {
    for (let minute = 0; minute < 5; minute++) {
      await log().append(
        Array.from({ length: 200 }, (_, i) => refusal({ code: `made up ${i % 90} ${minute}` })),
      );
      await nextMinute();
    }
    const written = (await recordsOf('refusals')) as RefusalsRecord[];
    expect(written.map((one) => one.count)).toEqual([200, 200, 200, 200, 200]);
    for (const one of written) expect(bytesOf(one)).toBeLessThanOrEqual(4_096);
  });

  test('of calls are numbered too: a lost record is a gap, and a repeated batch counts once', async () => {
    await log().append([decision(1), decision(2)]);
    await log().append([decision(1), decision(2), decision(4)]);
    expect(await recordsOf('gap')).toMatchObject([{ after: 2, before: 4 }]);
    await nextMinute();
    expect(await recordsOf('refusals')).toMatchObject([{ count: 3 }]);
  });
});

test('refusals of one agent have sixty records in an hour, and the others are counted', async () => {
  for (let i = 0; i < 100; i++) await log().append([refusal({ agent: AGENT })]);
  await log().append([refusal({ agent: 'https://idp.example#other' })]);
  expect(await recordsOf('refusal')).toHaveLength(61);
  await nextMinute();
  expect(await recordsOf('refusals')).toMatchObject([{ agent: AGENT, count: 40 }]);
  vi.setSystemTime(CLOCK + 61 * MINUTE);
  await log().append([refusal({ agent: AGENT })]);
  expect(await recordsOf('refusal')).toHaveLength(62);
});

test('every denial of a known workflow has a record', async () => {
  await log().append([decision(1, { workflow: 'wf_1' }), decision(2, { workflow: 'wf_1' })]);
  expect(await recordsOf('decision')).toHaveLength(2);
});

describe('calls that a route only observes', () => {
  const OBSERVED = {
    allowed: false,
    observed: true,
    mode: 'observe',
    code: 'token_missing',
  } as const;
  const stranger = (n: number, address = '203.0.113.7') => {
    const { workflow: _, agent: __, ...rest } = decision(n, OBSERVED);
    return { ...rest, sample: { arguments: { n }, source: { address } } } as DecisionRecord;
  };

  test('are found without reading the rest of the log', async () => {
    const workflow = 'wf_1';
    const denied = { allowed: false, code: 'no_grant', workflow } as const;
    await log().append([
      decision(1, denied),
      decision(2, { ...OBSERVED, workflow }),
      decision(3, denied),
      decision(4, { workflow, mode: 'observe' }),
    ]);
    const found = await log().read({ after: 0, mode: 'observe' });
    expect(found.map(({ seq, record }) => [seq, record.id])).toEqual([
      [2, 'v.2'],
      [4, 'v.4'],
    ]);
    expect((await log().read({ after: 2, mode: 'observe' })).map(({ seq }) => seq)).toEqual([4]);
    const answer = await fetchIssuer('https://issuer.example/admin/v1/audit?mode=observe&limit=1', {
      headers: { authorization: `Bearer ${OPERATOR}` },
    });
    expect(await answer.json()).toMatchObject({ records: [{ record: { id: 'v.2' } }] });
  });

  test('of strangers are recorded up to a share of each source, and then counted', async () => {
    const batch = (from: number, count: number, address?: string) =>
      Array.from({ length: count }, (_, n) => stranger(from + n, address));
    await log().append(batch(1, 650));
    await log().append(batch(651, 10, '203.0.113.8'));
    const found = await log().read({ after: 0, mode: 'observe', limit: 1_000 });
    expect(found).toHaveLength(610);
    expect(found[0]?.record).toMatchObject({ sample: { arguments: { n: 1 } } });
    vi.setSystemTime(CLOCK + MINUTE);
    await runLogAlarms(env);
    const [counted] = await recordsOf('refusals');
    expect(counted).toMatchObject({
      count: 50,
      reasons: [{ at: 'call', code: 'observed', count: 50 }],
    });
    expect(JSON.stringify(counted)).not.toContain('203.0.113');
  });
});
