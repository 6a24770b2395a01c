import { createExecutionContext, env, reset, waitOnExecutionContext } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import issuer from '../../../deployment/issuer.ts';
import { CHILDREN_MAX } from '../../../src/lifecycle/index.ts';
import {
  ANONYMOUS_MAX,
  ANONYMOUS_PER_SOURCE_MAX,
} from '../../../workers/issuer/feed/subscribers.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { MINTS_PER_MINUTE_MAX, pauseBeforeMint } from '../../../workers/issuer/workflow/view.ts';
import { readMerged } from './merged.ts';
import { admin, askForToken, READ } from './token.scene.ts';

afterEach(() => reset());

const issuerEnv = env as unknown as IssuerEnv;
const vars = (limits: object, more: Partial<IssuerEnv> = {}): IssuerEnv => ({
  ...issuerEnv,
  RATE_LIMITS: JSON.stringify(limits),
  SOURCE_HEADER: 'cf-connecting-ip',
  ...more,
});

async function ask(
  path: string,
  of: IssuerEnv,
  init: RequestInit & { source?: string } = {},
): Promise<Response> {
  const { source, ...rest } = init;
  const headers = new Headers(rest.headers);
  if (source !== undefined) headers.set('cf-connecting-ip', source);
  const ctx = createExecutionContext();
  const request = new Request(`https://issuer.example${path}`, { ...rest, headers });
  const response = await issuer.fetch(request, of, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

const status = async (...asked: Parameters<typeof ask>) => {
  const response = await ask(...asked);
  await response.body?.cancel();
  return response.status;
};

describe('requests of one source are limited', () => {
  test.each([
    ...['/token', '/introspect', '/revoke', '/feed/v2/0/head', '/workflows/v1/wf_x/fail'],
    `/catalogue/${'0'.repeat(64)}`,
  ])('%s answers 429 with Retry-After, and still serves other sources', async (path) => {
    const of = vars({ tokenPerSource: 2, questionPerSource: 2 });
    const isRead = /^\/(?:feed|catalogue)\//.test(path);
    const init = { method: isRead ? 'GET' : 'POST', source: '192.0.2.1' };
    for (let i = 0; i < 2; i++) expect(await status(path, of, init)).not.toBe(429);
    const refused = await ask(path, of, init);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(await status(path, of, { ...init, source: '192.0.2.2' })).not.toBe(429);
  });

  test('a flood of rate-limited requests leaves no records', async () => {
    const of = vars({ tokenPerSource: 1 });
    const before = (await issuerEnv.LOG.getByName('control').state()).size;
    for (let i = 0; i < 20; i++)
      await status('/token', of, { method: 'POST', source: '192.0.2.1' });
    const after = (await issuerEnv.LOG.getByName('control').state()).size;
    expect(after - before).toBeLessThanOrEqual(1);
  });

  test('all sources share one bucket if no source header is configured', async () => {
    const of = vars({ tokenShared: 2 }, { SOURCE_HEADER: undefined });
    const codes = [];
    for (let i = 0; i < 4; i++) {
      codes.push(await status('/token', of, { method: 'POST', source: `192.0.2.${i}` }));
    }
    expect(codes.slice(2)).toEqual([429, 429]);
  });

  test('the operator is never limited', async () => {
    const operator = createHash('sha256').update('operator').digest('hex');
    const of = vars({ tokenPerSource: 1, questionPerSource: 1 }, { OPERATOR_SHA256: operator });
    const headers = { authorization: 'Bearer operator' };
    for (let i = 0; i < 5; i++) {
      expect(await status('/admin/v1/watermarks', of, { headers, source: '192.0.2.1' })).toBe(200);
    }
  });

  test.each(['[]', '{"tokenPerSource":0}', '{"tokenPersource":5}', '{"tokenPerSource":"5"}', 'no'])(
    'unreadable limits are a configuration fault: %s',
    (text) => {
      expect(() => readConfig({ ...issuerEnv, RATE_LIMITS: text })).toThrow('RATE_LIMITS');
    },
  );
});

describe('sockets of strangers', () => {
  const subscribe = async (of: IssuerEnv, source: string, headers: HeadersInit = {}) => {
    const response = await ask('/feed/v2/0/subscribe?since=0.0', of, {
      source,
      headers: { ...headers, upgrade: 'websocket' },
    });
    response.webSocket?.accept();
    return response.status;
  };
  const of = vars(
    { questionPerSource: 1_000_000 },
    {
      VERIFIER_CREDENTIALS: JSON.stringify([
        {
          audience: 'https://gateway.example',
          sha256: createHash('sha256').update('verifier').digest('hex'),
        },
      ]),
    },
  );

  test('are limited per address and in all, and leave room for verifiers', async () => {
    for (let i = 0; i < ANONYMOUS_PER_SOURCE_MAX; i++) {
      expect(await subscribe(of, '192.0.2.1')).toBe(101);
    }
    expect(await subscribe(of, '192.0.2.1')).toBe(429);
    for (let i = ANONYMOUS_PER_SOURCE_MAX; i < ANONYMOUS_MAX; i++) {
      expect(await subscribe(of, `10.0.${i >> 8}.${i & 255}`)).toBe(101);
    }
    expect(await subscribe(of, '198.51.100.1')).toBe(429);
    expect(await subscribe(of, '198.51.100.1', { authorization: 'Bearer verifier' })).toBe(101);
    // A caller cannot claim to be a verifier by a header.
    expect(await subscribe(of, '198.51.100.1', { 'x-hewn-subscriber': 'a verifier' })).toBe(429);
  }, 60_000);
});

test('a child that may not begin is refused before its mint is recorded', async () => {
  const { token: parent } = await askForToken([READ]);
  for (let n = 0; n < CHILDREN_MAX; n++) {
    expect((await askForToken([READ], { parent })).status).toBe(200);
  }
  const mints = async () => {
    const records = await readMerged(issuerEnv, { after: 0 });
    return records.filter(({ record: { event } }) => event === 'mint').length;
  };
  const before = await mints();
  expect((await askForToken([READ], { parent })).status).toBe(400);
  expect(await mints()).toBe(before);
}, 60_000);

describe('the mints of one workflow', () => {
  test('over the limit are refused before they are recorded', async () => {
    const { workflow } = await askForToken();
    for (let n = 1; n < MINTS_PER_MINUTE_MAX; n++) {
      expect((await askForToken([READ], { workflow })).status).toBe(200);
    }
    const end = async () => (await issuerEnv.LOG.getByName('control').state()).size;
    const before = await end();
    expect((await askForToken([READ], { workflow })).status).toBe(429);
    expect(await end()).toBe(before);
    expect((await admin(`workflows/${workflow}`)).body).not.toHaveProperty('pauseSeconds');
  }, 60_000);

  const newest = (count: number, at: number) => Array.from({ length: count }, () => at);

  test('are limited in each minute', () => {
    expect(pauseBeforeMint(newest(MINTS_PER_MINUTE_MAX - 1, 100), 100)).toBe(undefined);
    expect(pauseBeforeMint(newest(MINTS_PER_MINUTE_MAX, 100), 110)).toBe(50);
    expect(pauseBeforeMint(newest(MINTS_PER_MINUTE_MAX, 100), 160)).toBe(undefined);
  });

  test('wait a minute at most after the clock was set back', () => {
    expect(pauseBeforeMint(newest(MINTS_PER_MINUTE_MAX, 5_000), 100)).toBe(60);
  });
});
