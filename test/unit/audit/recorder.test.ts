import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRecorder, decisionLogOf, type VerifierRecord } from '../../../src/audit/index.ts';
import { RECORDS_QUEUED_MAX } from '../../../src/audit/outbox.ts';
import { RELEASE } from '../../../src/release.ts';
import type { Decision } from '../../../src/verifier/index.ts';

/** A verifier's recorder in front of an issuer that can be down, full or exhausted. */

const EVIDENCE = { revocationIds: ['b'], workflow: 'wf_1', tool: 'crm.search', agent: 'a' };
const allowed = (tier: 0 | 1 | 2 | 3) =>
  ({ allowed: true, stale: false, evidence: { ...EVIDENCE, tier } }) as const;
const denied = {
  allowed: false,
  denial: { code: 'token_missing' },
  evidence: { revocationIds: [] },
} as const satisfies Decision;
const deniedIn = (workflow: string) =>
  ({ ...denied, evidence: { revocationIds: [], workflow } }) as const;
const GET = { method: 'GET', args: {} };
const DONE = { status: 200, milliseconds: 1, threw: false };

let asked: string[];
let written: VerifierRecord[];
let confirmed: unknown[];
let isDown: boolean;
let budget: number;

const service = async (input: string, init?: RequestInit): Promise<Response> => {
  if (isDown) throw new TypeError('fetch failed');
  const route = new URL(input).pathname.split('/').at(-1) ?? '';
  const body = JSON.parse(String(init?.body));
  if (route === 'confirm') {
    confirmed.push(body);
    return new Response(null, { status: 204 });
  }
  asked.push(body.only ? `${route} ${body.only}` : route);
  if (route === 'records') {
    for (const record of body.records as VerifierRecord[]) {
      if (!written.some(({ id }) => id === record.id)) written.push(record);
    }
    return Response.json({ written: body.records.length, refused: [] });
  }
  if (route === 'give-back') return Response.json({ returned: true });
  if (route === 'settle') return new Response(null, { status: 204 });
  const exhausted = { code: 'budget_exhausted', meter: 'calls', left: 0 };
  if (budget < 1) return Response.json({ ok: false, error: exhausted });
  const taken = route === 'lease' ? Math.min(20, budget) : 1;
  budget -= taken;
  const expires = Math.floor(Date.now() / 1000) + 30;
  const value = route === 'lease' ? { calls: taken, expires, summed: [] } : null;
  return Response.json({ ok: true, value });
};
const recorder = () =>
  createRecorder({
    issuer: 'https://issuer.example',
    credential: 'mine',
    service,
    report: () => undefined,
  });

beforeEach(() => {
  asked = [];
  written = [];
  confirmed = [];
  isDown = false;
  budget = 1_000;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
});
afterEach(() => void vi.useRealTimers());

/** Lets timers run until the work is done. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let isDone = false;
  const watched = work.finally(() => {
    isDone = true;
  });
  while (!isDone) await vi.advanceTimersByTimeAsync(100);
  return watched;
}

describe('a recorder', () => {
  test('writes one record for a read, with its outcome', async () => {
    const records = recorder();
    const call = await records.open(allowed(1), GET);
    if (call.ok) call.value.close({ ...DONE, status: 404 });
    await settled(records.flush());
    expect(asked).toEqual(['records']);
    expect(written).toMatchObject([
      {
        event: 'decision',
        n: 1,
        verifier: expect.stringMatching(`^${records.verifier}-[0-3]$`),
        allowed: true,
        method: 'GET',
        // SHA-256 of `{}`.
        request: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
        outcome: { status: 404, result: 'tool_error' },
      },
    ]);
  });

  test('proves what a denied call asked, if its workflow is proven', async () => {
    const records = recorder();
    const proven = deniedIn('wf_1');
    records.denied(proven, GET);
    records.denied(proven, { method: 'GET', args: { b: 1, a: 'x' } });
    records.denied(proven, { method: 'GET' });
    records.denied(proven, { method: 'GET', args: { a: '\ud800' } });
    records.denied(denied, GET);
    await settled(records.flush());
    const ofText = (text: string) => createHash('sha256').update(text).digest('hex');
    const byNumber = written.toSorted((a, b) => a.n - b.n);
    const requestsOf = (isProven: boolean) =>
      byNumber
        .filter(({ workflow }) => (workflow !== undefined) === isProven)
        .map((record) => ('request' in record ? record.request : undefined));
    const expected = [ofText('{}'), ofText('{"a":"x","b":1}'), undefined, undefined];
    expect(requestsOf(true)).toEqual(expected);
    expect(requestsOf(false)).toEqual([undefined]);
  });

  test('leases for tier 2 and charges tier 3, which it records before it is made', async () => {
    const records = recorder();
    for (const tier of [2, 2, 3] as const) {
      const call = await records.open(allowed(tier), GET);
      if (call.ok) call.value.close(DONE);
    }
    await settled(records.flush());
    expect(asked.filter((route) => !route.startsWith('records'))).toEqual(['lease', 'charge']);
    expect(asked.indexOf('records log')).toBeGreaterThan(asked.indexOf('charge'));
    const dispatch = written.find(({ event }) => event === 'dispatch');
    const charged = written.filter((one) => one.event === 'decision' && one.charged);
    expect(charged).toHaveLength(3);
    expect(charged.at(-1)).toMatchObject({ dispatch: dispatch?.id, tier: 3 });
    expect(written.map(({ n }) => n).sort((a, b) => a - b)).toEqual(
      Array.from({ length: written.length }, (_, n) => n + 1),
    );
  });

  test('refuses a call over its budget, with its row of the table of codes', async () => {
    budget = 1;
    const records = recorder();
    expect((await records.open(allowed(3), GET)).ok).toBe(true);
    expect(await records.open(allowed(3), GET)).toEqual({
      ok: false,
      error: {
        code: 'budget_exhausted',
        status: 403,
        error: 'insufficient_scope',
        message: 'A budget of the workflow is exhausted.',
      },
    });
    await settled(records.flush());
    expect(written.at(-1)).toMatchObject({ allowed: false, code: 'budget_exhausted' });
  });

  test('makes no call of tier 3 that it cannot record, and gives its charge back', async () => {
    const records = recorder();
    const failing: typeof service = async (input, init) => {
      if (input.endsWith('records')) throw new TypeError('fetch failed');
      return service(input, init);
    };
    const options = { issuer: 'https://issuer.example', credential: 'mine', service: failing };
    const unrecorded = createRecorder({ ...options, report: () => undefined });
    const answer = await settled(unrecorded.open(allowed(3), GET));
    expect(answer).toMatchObject({ error: { code: 'record_unwritten', status: 503 } });
    expect(asked).toEqual(['charge', 'give-back']);
    isDown = true;
    const uncharged = await settled(records.open(allowed(2), GET));
    expect(uncharged).toMatchObject({ error: { code: 'ledger_unavailable', status: 503 } });
  });

  test('lets an observed call through that its budget does not allow, and records that', async () => {
    budget = 0;
    const records = recorder();
    const observe = { ...GET, mode: 'observe', args: { id: 7 } } as const;
    const call = await settled(records.open(allowed(3), observe));
    expect(call).toMatchObject({ ok: true, value: { observed: { code: 'budget_exhausted' } } });
    if (call.ok) call.value.close(DONE);
    await settled(records.flush());
    const expected = {
      allowed: false,
      observed: true,
      mode: 'observe',
      code: 'budget_exhausted',
      sample: { arguments: { id: 7 } },
    };
    expect(written).toMatchObject([expected, { event: 'outcome' }]);
  });

  test('records what a route only observes, and charges nothing for it', async () => {
    const records = recorder();
    const grant = { tool: 'crm.search', action: 'read', dataset: 'crm' } as const;
    const observed = { ...allowed(3), observed: { code: 'no_grant', ...grant } } as const;
    const call = await records.open(observed, GET);
    if (call.ok) call.value.close(DONE);
    await settled(records.flush());
    expect(asked).not.toContain('charge');
    expect(written.find(({ event }) => event === 'decision')).toMatchObject({
      allowed: false,
      observed: true,
      code: 'no_grant',
      detail: { tool: 'crm.search' },
    });
  });

  test('says unknown if the handler threw, or answered with an error of the server', async () => {
    const records = recorder();
    for (const outcome of [
      { ...DONE, status: 500, threw: true },
      { ...DONE, status: 503 },
    ]) {
      const call = await records.open(allowed(1), GET);
      if (call.ok) call.value.close(outcome);
    }
    await settled(records.flush());
    expect(written).toMatchObject([
      { outcome: { result: 'unknown' } },
      { outcome: { result: 'unknown', cause: 'status' } },
    ]);
  });

  test('loses no record in an outage that ends, without another request', async () => {
    isDown = true;
    const records = recorder();
    for (let i = 0; i < 5; i++) records.denied(denied, GET);
    await settled(records.flush());
    isDown = false;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(written.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5]);
  });

  test('reports its position, with the number of its records once for all shards', async () => {
    const records = recorder();
    await records.confirm(0, undefined);
    for (let i = 0; i < 3; i++) records.denied(deniedIn('wf_1'), GET);
    records.denied(deniedIn('wf_2'), GET);
    for (const shard of [0, 1, 0]) await records.confirm(shard, { epoch: 1, seq: 7 });
    const position = { verifier: records.verifier, version: RELEASE, epoch: 1, seq: 7 };
    expect(confirmed).toEqual([
      {
        ...position,
        records: [
          { origin: decisionLogOf('wf_2', ''), n: 1 },
          { origin: decisionLogOf('wf_1', ''), n: 3 },
        ],
      },
      { ...position },
    ]);
  });

  test('keeps a bounded number of records, and then makes no call of tier 3', async () => {
    isDown = true;
    const records = recorder();
    for (let i = 0; i < RECORDS_QUEUED_MAX + 10; i++) records.denied(deniedIn('wf_1'), GET);
    const call = await settled(records.open(allowed(3), GET));
    expect(call).toMatchObject({ error: { status: 503 } });
    isDown = false;
    expect(await settled(records.close())).toBe(true);
    expect(written).toHaveLength(RECORDS_QUEUED_MAX);
    expect(written.at(-1)?.n).toBe(RECORDS_QUEUED_MAX + 11);
  });

  test('sends what waits when it is closed, and says if it could not', async () => {
    const records = recorder();
    records.denied(denied, GET);
    expect(await settled(records.close())).toBe(true);
    expect(written).toHaveLength(1);
    isDown = true;
    records.denied(denied, GET);
    expect(await settled(records.close())).toBe(false);
  });

  test('lets few requests of an outage wait for the issuer at a time', async () => {
    isDown = true;
    const records = recorder();
    records.denied(denied, GET);
    await vi.advanceTimersByTimeAsync(3_000);
    let ended = 0;
    const flushes = Array.from({ length: 50 }, () => records.flush().then(() => ended++));
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toBe(46);
    await settled(Promise.all(flushes));
  });

  test('sends what others left to a flush after it had begun, without another request', async () => {
    let answer: () => void = () => undefined;
    const slow = new Promise<void>((answered) => {
      answer = answered;
    });
    const records = createRecorder({
      issuer: 'https://issuer.example',
      credential: 'mine',
      service: async (...request) => {
        await slow;
        return service(...request);
      },
    });
    records.denied(denied, GET);
    const flushes = Array.from({ length: 4 }, () => records.flush());
    await vi.advanceTimersByTimeAsync(0);
    records.denied(denied, GET);
    await records.flush();
    answer();
    await settled(Promise.all(flushes));
    await vi.advanceTimersByTimeAsync(2_000);
    expect(written.map(({ n }) => n)).toEqual([1, 2]);
  });

  test('is created without random numbers, which a Worker has only in a request', () => {
    const random = vi.spyOn(crypto, 'getRandomValues');
    const records = recorder();
    expect(random).not.toHaveBeenCalled();
    expect(records.verifier).toMatch(/^[\w-]{16}$/);
    expect(recorder().verifier).not.toBe(records.verifier);
    random.mockRestore();
  });
});
