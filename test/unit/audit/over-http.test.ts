import { describe, expect, test, vi } from 'vitest';
import { budgetsOverHttp, type DecisionRecord, recordsOverHttp } from '../../../src/audit/index.ts';

/** What a verifier without a service binding sends to its issuer, and what it believes. */

const ISSUER = 'https://issuer.example';
const record = (n: number, change: Partial<DecisionRecord> = {}): DecisionRecord => ({
  event: 'decision',
  id: `v.${n}`,
  at: n,
  verifier: 'v',
  n,
  blocks: [],
  allowed: true,
  ...change,
});

/** An issuer that gives these answers, one after the other, and repeats the last one. */
function issuerThat(...answers: (() => Response)[]) {
  const asked: { path: string; init: RequestInit; body: Record<string, unknown> }[] = [];
  const fetch = async (input: string, init: RequestInit = {}): Promise<Response> => {
    const body = JSON.parse(String(init.body)) as Record<string, unknown>;
    asked.push({ path: new URL(input).pathname, init, body });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return answer?.() ?? Response.error();
  };
  return { asked, options: { issuer: ISSUER, credential: 'mine', service: fetch } };
}
const taken = () => Response.json({ written: 1, refused: [] });

describe('records over HTTP', () => {
  test('carry the credential and their origin, and follow no redirect', async () => {
    const { asked, options } = issuerThat(taken);
    await recordsOverHttp(options)([record(1)]);
    await recordsOverHttp(options)([record(1)], 'log_only');
    expect(asked.map(({ path }) => path)).toEqual(Array(2).fill('/verifier/v1/records'));
    expect(asked[0]?.init).toMatchObject({
      method: 'POST',
      redirect: 'manual',
      headers: { authorization: 'Bearer mine' },
    });
    expect(asked[0]?.body).toEqual({ origin: 'default', records: [record(1)] });
    expect(asked[1]?.body).toEqual({ origin: 'default', records: [record(1)], only: 'log' });
  });

  test('are numbered for a log, whose fill the issuer reports', async () => {
    const { asked, options } = issuerThat(() =>
      Response.json({ written: 1, refused: [], fill: 0.25 }),
    );
    const taken = await recordsOverHttp(options, 'decisions-1-2')([record(1)]);
    expect(taken).toEqual({ refused: [], fill: 0.25 });
    expect(asked.map(({ body }) => body.origin)).toEqual(['decisions-1-2']);
  });

  test('reach an issuer of 0.3.0, which has one log, and try again after a minute', async () => {
    const { asked, options } = issuerThat(
      () => Response.json({ error: 'origin_unknown' }, { status: 404 }),
      taken,
    );
    const sink = recordsOverHttp(options, 'decisions-1-2');
    vi.useFakeTimers({ now: 1_000 });
    try {
      for (const seconds of [0, 59, 2]) {
        vi.advanceTimersByTime(seconds * 1_000);
        await sink([record(1)]);
      }
    } finally {
      vi.useRealTimers();
    }
    expect(asked.map(({ body }) => body.origin)).toEqual([
      ...['decisions-1-2', 'default', 'default', 'decisions-1-2'],
    ]);
  });

  test('that the issuer refuses are reported by their ids', async () => {
    const refused = [{ index: 1, id: 'something else', code: 'workflow_foreign' }];
    const { options } = issuerThat(() => Response.json({ written: 1, refused }));
    vi.spyOn(console, 'error').mockReturnValue();
    expect(await recordsOverHttp(options)([record(1), record(2)])).toEqual({
      refused: ['v.2'],
    });
  });

  test.each([
    [401, 'credential_refused'],
    [503, 'issuer_answered_503'],
  ])('that meet the status %d fail with the name %s, which is logged', async (status, name) => {
    const { options } = issuerThat(() => new Response(null, { status }));
    await expect(recordsOverHttp(options)([record(1)])).rejects.toMatchObject({ name });
  });

  test.each([
    ['a redirect', () => new Response(null, { status: 307, headers: { location: 'https://x' } })],
    ['a refusal', () => Response.json({ error: 'unauthorized' }, { status: 401 })],
    ['a page', () => new Response('<html>')],
    ['another answer', () => Response.json({ written: 1 })],
    ['too long an answer', () => new Response('x'.repeat(100_000))],
  ])('are kept for %s', async (_, answer) => {
    const { options } = issuerThat(answer);
    await expect(recordsOverHttp(options)([record(1)])).rejects.toThrow();
  });

  test('are not sent again before the end of a Retry-After', async () => {
    const { asked, options } = issuerThat(
      () => new Response(null, { status: 429, headers: { 'retry-after': '2' } }),
      taken,
    );
    const sink = recordsOverHttp(options);
    vi.useFakeTimers({ now: 1_000 });
    try {
      await expect(sink([record(1)])).rejects.toThrow('429');
      await expect(sink([record(1)])).rejects.toThrow('429');
      expect(asked).toHaveLength(1);
      vi.setSystemTime(3_001);
      expect(await sink([record(1)])).toEqual({ refused: [] });
    } finally {
      vi.useRealTimers();
    }
  });

  test('are sent in parts if a batch is long, in order', async () => {
    const { asked, options } = issuerThat(taken);
    const detail = { source: 'x'.repeat(2_000), pointer: 'y'.repeat(2_000) };
    const long = { code: 'caveat_failed', datasets: Array(16).fill('z'.repeat(500)), detail };
    const batch = Array.from({ length: 100 }, (_, n) => record(n + 1, long));
    expect(await recordsOverHttp(options)(batch)).toEqual({ refused: [] });
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.flatMap(({ body }) => body.records)).toEqual(batch);
    for (const { init } of asked) expect(String(init.body).length).toBeLessThan(1024 * 1024);
  });

  test('are sent again in the form of 0.3.0 to an issuer that refuses a newer member', async () => {
    const refused = [{ index: 0, id: 'v.1', code: 'malformed' }];
    const { asked, options } = issuerThat(() => Response.json({ written: 0, refused }), taken);
    const sample = { arguments: { path: 'a' } };
    const observed = record(1, { allowed: false, observed: true, mode: 'observe', sample });
    expect(await recordsOverHttp(options)([observed])).toEqual({ refused: [] });
    expect(asked.map(({ body }) => body.records)).toEqual([
      [observed],
      [record(1, { allowed: false, observed: true })],
    ]);
  });

  test('are not sent again if another form would not help', async () => {
    const refused = [{ index: 0, id: 'v.1', code: 'malformed' }];
    const { asked, options } = issuerThat(() => Response.json({ written: 0, refused }));
    expect(await recordsOverHttp(options)([record(1)])).toEqual({ refused: ['v.1'] });
    expect(asked).toHaveLength(1);
  });

  test('name no parties for a token of another audience or issuer', async () => {
    const { asked, options } = issuerThat(taken);
    const parties = { workflow: 'wf_1', agent: 'a', subject: 's', owner: 'o', task: 't' };
    const codes = ['audience_mismatch', 'issuer_mismatch', 'no_grant'];
    await recordsOverHttp(options)(
      codes.map((code, n) => record(n + 1, { ...parties, allowed: false, code })),
    );
    const sent = asked[0]?.body.records as readonly DecisionRecord[];
    expect(sent.map(({ agent, workflow }) => [agent, workflow])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      ['a', 'wf_1'],
    ]);
  });
});

describe('budgets over HTTP', () => {
  const order = { workflow: 'wf_1', tool: 't', nonce: 'n', amounts: {} };

  test('are asked with the request of the ledger', async () => {
    const { asked, options } = issuerThat(
      () => Response.json({ ok: true, value: null }),
      () => Response.json({ returned: true }),
      () => Response.json({ ok: true, value: { calls: 20, expires: 9, summed: [] } }),
      () => new Response(null, { status: 204 }),
    );
    const client = budgetsOverHttp(options);
    expect(await client.charge(order)).toEqual({ ok: true, value: null });
    expect(await client.giveBack(order)).toBe(true);
    const lease = { workflow: 'wf_1', tool: 't', lease: 'l' };
    expect(await client.lease(lease)).toMatchObject({ ok: true, value: { calls: 20 } });
    await client.settle('wf_1', 'l', 3);
    expect(asked.map(({ path, body }) => [path, body])).toEqual([
      ['/verifier/v1/charge', order],
      ['/verifier/v1/give-back', order],
      ['/verifier/v1/lease', lease],
      ['/verifier/v1/settle', { workflow: 'wf_1', lease: 'l', spent: 3 }],
    ]);
  });

  test.each([
    { ok: true },
    { ok: true, value: 1 },
    { ok: 'true', value: null },
    { ok: false, error: { code: 'something new' } },
    {},
    [],
    null,
  ])('count nothing if the issuer answers %j', async (answer) => {
    const { options } = issuerThat(() => Response.json(answer));
    const client = budgetsOverHttp(options);
    await expect(client.charge(order)).rejects.toThrow();
    await expect(client.lease({ workflow: 'wf_1', tool: 't', lease: 'l' })).rejects.toThrow();
  });
});
