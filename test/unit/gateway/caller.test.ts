import { createLocalJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CallerSigner, type UpstreamRequest } from '../../../workers/gateway/upstream/index.ts';
import {
  CALLER,
  codeOf,
  GATEWAY,
  type PlayedApi,
  requestOf,
  SIGNER,
  startPlayedApi,
} from './played-api.ts';

let api: PlayedApi;

beforeAll(async () => {
  api = await startPlayedApi();
});
afterAll(() => api.close());
beforeEach(() => api.reset());

const request = (change: Partial<UpstreamRequest> = {}) => requestOf({ caller: CALLER, ...change });

describe('who calls', () => {
  const verified = async (token: unknown, audience: string) => {
    const keys = { keys: await SIGNER.jwks() } as never;
    return jwtVerify(String(token), createLocalJWKSet(keys), {
      issuer: GATEWAY,
      audience,
      typ: 'hewn-caller+jwt',
      maxTokenAge: 60,
    });
  };

  test('is signed for the server, with the user as subject and the agent as actor', async () => {
    await api.upstream().upstream.send(request());
    const { payload } = await verified(api.seen[0]?.headers['hewn-caller'], `${api.base}/api`);
    expect(payload).toMatchObject({
      sub: 'user:alice',
      act: { sub: 'agent:reports' },
      txn: 'w1',
      owner: 'user:bob',
      task: 'Café report',
      tool: 'mcp/a/read',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(60);
  });

  test('is the agent, if it acts for no one', async () => {
    const { subject: _, ...alone } = CALLER;
    await api.upstream().upstream.send(request({ caller: alone }));
    const { payload } = await verified(api.seen[0]?.headers['hewn-caller'], `${api.base}/api`);
    expect([payload.sub, payload.act]).toEqual(['agent:reports', undefined]);
  });

  test('has an id of its own in every request', async () => {
    const { upstream } = api.upstream();
    await upstream.send(request());
    await upstream.send(request());
    const ids = await Promise.all(
      api.seen.map(
        async ({ headers }) =>
          (await verified(headers['hewn-caller'], `${api.base}/api`)).payload.jti,
      ),
    );
    expect(new Set(ids).size).toBe(2);
  });

  test('stands in plain headers where the deployment says so, and what an agent sent does not', async () => {
    const headers = new Headers({ 'x-hewn-subject': 'root', 'hewn-caller': 'forged' });
    await api.upstream({ caller: 'plain' }).upstream.send(request({ headers }));
    expect(api.seen[0]?.headers).toMatchObject({
      'x-hewn-workflow': 'w1',
      'x-hewn-agent': 'agent:reports',
      'x-hewn-subject': 'user:alice',
      'x-hewn-owner': 'user:bob',
      'x-hewn-task': 'Caf%C3%A9%20report',
    });
    expect(api.seen[0]?.headers['hewn-caller']).toBeUndefined();
    await api.upstream({ caller: 'none' }).upstream.send(request({ headers }));
    expect(Object.keys(api.seen[1]?.headers ?? {}).filter((name) => /hewn/.test(name))).toEqual([]);
  });

  test('cannot be signed without a key, and then nothing is sent', async () => {
    const { upstream, unavailable } = api.upstream({}, { signer: new CallerSigner(GATEWAY, []) });
    expect(unavailable()).toEqual([{ name: 'a', variable: 'CALLER_KEY' }]);
    expect(await codeOf(upstream.send(request()))).toBe('upstream_unavailable');
    expect(api.seen).toEqual([]);
  });
});
