import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGateway, type GatewayEnv } from '../../../workers/gateway/index.ts';

const catalogue = await readFile('policy/tools.toml', 'utf8');

const ENV = {
  ISSUER: 'https://issuer.example',
  AUDIENCE: 'https://gateway.example',
  FEED_PUBLIC_KEY: '0a'.repeat(32),
  MCP_UPSTREAMS: '{"files":"https://files.example/mcp"}',
  ISSUER_RECORDS: {},
} as unknown as GatewayEnv;

/** An issuer that counts how often it is asked, and has no feed. */
function issuer() {
  let asked = 0;
  const fetch = async () => {
    asked += 1;
    return new Response(null, { status: 503 });
  };
  return { asked: () => asked, binding: { ISSUER_FEED: { fetch } } as unknown as GatewayEnv };
}

const ask = async (path: string, env: GatewayEnv, gateway = createGateway({ catalogue })) => {
  const context = { waitUntil: () => undefined } as unknown as ExecutionContext;
  const answer = await gateway.fetch(new Request(`https://gateway.example${path}`), env, context);
  const text = await answer.text();
  return { status: answer.status, text, body: JSON.parse(text) as unknown };
};

let log: unknown[];
beforeEach(() => {
  log = [];
  vi.spyOn(console, 'error').mockImplementation((line) => {
    log.push(line);
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test('a gateway without any configuration is alive', async () => {
  expect(await ask('/healthz', {} as GatewayEnv)).toMatchObject({ status: 200 });
});

describe('/readyz of the gateway', () => {
  test.each<[string, object, string]>([
    ['a variable that is malformed', { AUDIENCE: 'gateway' }, 'AUDIENCE'],
    [
      'an upstream that is no web server',
      { MCP_UPSTREAMS: '{"a":"ftp://a.example"}' },
      'MCP_UPSTREAMS',
    ],
    [
      'an upstream with a password',
      { MCP_UPSTREAMS: '{"a":"https://a:b@a.example"}' },
      'MCP_UPSTREAMS',
    ],
    ['a service that is not bound', { ISSUER_RECORDS: undefined }, 'ISSUER_RECORDS'],
  ])('names %s, and every other route answers 503', async (_, change, variable) => {
    const env = { ...ENV, ...issuer().binding, ...change };
    const { status, body, text } = await ask('/readyz', env);
    expect(status).toBe(503);
    expect(body).toMatchObject({
      ready: false,
      checks: [{ name: 'configuration', ok: false, variable, advice: expect.any(String) }],
    });
    expect(text).not.toContain('reason');
    const gateway = createGateway({ catalogue });
    const context = { waitUntil: () => undefined } as unknown as ExecutionContext;
    const call = new Request('https://gateway.example/mcp/files', { method: 'POST', body: '{}' });
    expect((await gateway.fetch(call, env, context)).status).toBe(503);
  });

  test('names a catalogue that does not load', async () => {
    const env = { ...ENV, ...issuer().binding };
    // The reporter of the process writes such a line once a second, and other tests share it.
    vi.setSystemTime(Date.now() + 2_000);
    const { status, body } = await ask('/readyz', env, createGateway({ catalogue: '[[tool]' }));
    expect(status).toBe(503);
    expect(body).toMatchObject({ checks: [{ variable: 'catalogue' }] });
    expect(JSON.stringify(log)).toContain('misconfigured');
  });

  test('is 503 without a head of the feed, and a flood asks the issuer once', async () => {
    const { asked, binding } = issuer();
    const env = { ...ENV, ...binding };
    const gateway = createGateway({ catalogue });
    for (let probe = 0; probe < 20; probe++) {
      const { status, body } = await ask('/readyz', env, gateway);
      expect(status).toBe(503);
      expect(body).toMatchObject({ checks: [{ ok: true }, { name: 'feed', ok: false }] });
    }
    expect(asked()).toBe(1);
  });

  test('limits the requests of a source', async () => {
    const limits = '{"requestShared":2}';
    const env = { ...ENV, ...issuer().binding, RATE_LIMITS: limits };
    const gateway = createGateway({ catalogue });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask('/readyz', env, gateway)).status);
    expect(statuses).toEqual([503, 503, 429]);
  });
});
