import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Capability,
  createDpopKey,
  type DpopKey,
  narrow,
  narrowingFetch,
  type ObtainOptions,
  obtainCapability,
} from '../../src/agent/index.ts';
import { signProof } from '../../src/dpop/index.ts';
import { admin, catalogue, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

/** Records what the gateway receives with a token under the DPoP scheme. */
const withProof = async (stage: Stage, token: string, by: Parameters<typeof signProof>[0]) => {
  const url = `${stage.audience}/mcp/files`;
  const dpop = await signProof(by, { method: 'POST', url, now: Date.now(), token });
  return { authorization: `DPoP ${token}`, dpop };
};

async function exchange(stage: Stage, headers: Record<string, string>): Promise<Response> {
  const body = new URLSearchParams({
    grant_type: TOKEN_EXCHANGE,
    resource: stage.audience,
    subject_token: await stage.identity.jwt('alice'),
    subject_token_type: TOKEN_TYPE,
    actor_token: await stage.identity.jwt('report-agent'),
    actor_token_type: TOKEN_TYPE,
    authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants: GRANTS }]),
  });
  return stage.fetch(`${stage.issuer}/token`, { method: 'POST', headers, body });
}

describe.each([false, true])('Workers that require nonces: %j', (nonces) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ nonces });
  });
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') stage.harness.debug();
  });
  afterAll(() => stage.close());

  test.each(['ES256', 'EdDSA'] as const)(
    'an agent of the SDK reads with a capability bound to its %s key',
    async (algorithm) => {
      const key = await createDpopKey(algorithm);
      const capability: Capability = await obtain(stage, GRANTS, key);
      expect(capability.holder).toBe(key);
      const client = new Client({ name: 'report-agent', version: '1.0.0' });
      const fetch = narrowingFetch({
        capability,
        catalogue: await catalogue(),
        server: 'files',
        fetch: stage.fetch,
      });
      const url = new URL(`${stage.audience}/mcp/files`);
      await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
      const [path = ''] = stage.documents.reports;
      for (const _ of ['first', 'again']) {
        const answer = await client.callTool({ name: 'read_text_file', arguments: { path } });
        expect(answer.isError).not.toBe(true);
      }
      await client.close();
      const [mint] = await trailOf(stage, capability.workflow);
      expect(mint).toMatchObject({ event: 'mint', holder: key.thumbprint });
    },
  );

  test('a stolen token is worthless without its key', async () => {
    const [path = ''] = stage.documents.reports;
    const { token } = await obtain(stage, GRANTS, await createDpopKey());
    const narrowed = await narrow(token, { tool: 'mcp/files/read_text_file' });
    if (!narrowed.ok) throw new Error(narrowed.error.code);
    const before = stage.bridge.requests();
    for (const stolen of [token, narrowed.value]) {
      const denied = await send(stage, stolen, read(path));
      expect(denied).toMatchObject({ status: 401, code: 'holder_unproven' });
      const own = await withProof(stage, stolen, await createDpopKey());
      const code = nonces ? 'nonce_required' : 'holder_unproven';
      expect(await send(stage, stolen, read(path), own)).toMatchObject({ status: 401, code });
      const garbage = { authorization: `DPoP ${stolen}`, dpop: 'garbage' };
      expect(await send(stage, stolen, read(path), garbage)).toMatchObject({
        status: 401,
        code: 'proof_invalid',
      });
    }
    expect(stage.bridge.requests()).toBe(before);
  });

  test('a workflow is continued with the key that it began with, and with no other', async () => {
    const key = await createDpopKey();
    const { workflow } = await obtain(stage, GRANTS, key);
    const { issuer, audience, identity, fetch } = stage;
    const ask = async (dpop: DpopKey | undefined, of: Partial<ObtainOptions> = { workflow }) =>
      obtainCapability({
        issuer,
        audience,
        task: TASK,
        grants: GRANTS,
        fetch,
        ...(dpop && { dpop }),
        subjectToken: await identity.jwt('alice'),
        actorToken: await identity.jwt('report-agent'),
        ...of,
      });
    for (const other of [await createDpopKey(), undefined]) {
      expect(await ask(other)).toMatchObject({ error: { error: 'invalid_grant', status: 400 } });
      expect(await ask(other, { workflow, stepUp: true })).toMatchObject({
        error: { error: 'invalid_grant' },
      });
    }
    const trail = await (await admin(stage, 'audit')).json();
    const { records } = trail as { records: { record: Record<string, unknown> }[] };
    expect(records.at(-1)?.record).toMatchObject({ event: 'refusal', code: 'holder_differs' });
    expect(await ask(key)).toMatchObject({ ok: true, value: { workflow } });
    const unbound = await obtain(stage);
    expect(await ask(key, { workflow: unbound.workflow })).toMatchObject({
      error: { error: 'invalid_grant' },
    });
  });

  test('oauth4webapi, unmodified: discovery, token exchange with DPoP, nonce', async () => {
    const options = {
      [oauth.customFetch]: (url: string, init: unknown) => stage.fetch(url, init as RequestInit),
      [oauth.allowInsecureRequests]: true,
    };
    const issuer = new URL(stage.issuer);
    const discovered = await oauth.discoveryRequest(issuer, { ...options, algorithm: 'oauth2' });
    const as = await oauth.processDiscoveryResponse(issuer, discovered);
    expect(as.dpop_signing_alg_values_supported).toEqual(['ES256', 'EdDSA']);
    const client: oauth.Client = { client_id: 'report-agent' };
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const DPoP = oauth.DPoP(client, { privateKey, publicKey });
    const request = async () => {
      const response = await oauth.genericTokenEndpointRequest(
        ...([as, client, oauth.None(), TOKEN_EXCHANGE] as const),
        {
          resource: stage.audience,
          subject_token: await stage.identity.jwt('alice'),
          subject_token_type: TOKEN_TYPE,
          actor_token: await stage.identity.jwt('report-agent'),
          actor_token_type: TOKEN_TYPE,
          authorization_details: JSON.stringify([
            { type: 'hewn_task', task: TASK, grants: GRANTS },
          ]),
        },
        { ...options, DPoP },
      );
      return oauth.processGenericTokenEndpointResponse(as, client, response, {
        recognizedTokenTypes: { dpop: () => {} },
      });
    };
    let asked = 0;
    const granted = await request().catch((error: unknown) => {
      if (!oauth.isDPoPNonceError(error)) throw error;
      asked += 1;
      return request();
    });
    expect(asked).toBe(nonces ? 1 : 0);
    expect(granted).toMatchObject({ token_type: 'dpop', issued_token_type: TOKEN_TYPE });

    // The same key works at the gateway, which uses a different nonce.
    const [path = ''] = stage.documents.reports;
    const call = () =>
      oauth.protectedResourceRequest(
        ...([granted.access_token, 'POST', new URL(`${stage.audience}/mcp/files`)] as const),
        new Headers({ 'content-type': 'application/json', accept: 'application/json' }),
        JSON.stringify(read(path)),
        { ...options, DPoP },
      );
    const answer = await call().catch((error: unknown) => {
      if (!oauth.isDPoPNonceError(error)) throw error;
      asked += 1;
      return call();
    });
    expect(asked).toBe(nonces ? 2 : 0);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ result: { content: [{ type: 'text' }] } });
  });

  test('an invalid proof for the token endpoint mints nothing', async () => {
    const key = await createDpopKey();
    const url = `${stage.issuer}/token`;
    const now = Date.now();
    const proofs = [
      ...['garbage', `${await signProof(key, { method: 'POST', url, now })}x`],
      await signProof(key, { method: 'GET', url, now }),
      await signProof(key, { method: 'POST', url: `${stage.audience}/token`, now }),
      await signProof(key, { method: 'POST', url, now: now - 310_000 }),
    ];
    for (const dpop of proofs) {
      const response = await exchange(stage, { dpop });
      expect(response.status).toBe(400);
      const body = (await response.json()) as { error: string };
      expect([dpop.slice(0, 8), body.error]).toEqual([dpop.slice(0, 8), 'invalid_dpop_proof']);
      expect(response.headers.has('dpop-nonce')).toBe(nonces);
    }
  });

  test('a proof is valid for one token request', async () => {
    const key = await createDpopKey();
    const url = `${stage.issuer}/token`;
    const asked = await exchange(stage, {
      dpop: await signProof(key, { method: 'POST', url, now: Date.now() }),
    });
    const nonce = asked.headers.get('dpop-nonce');
    expect(asked.status).toBe(nonces ? 400 : 200);
    if (nonces) expect(await asked.json()).toMatchObject({ error: 'use_dpop_nonce' });
    const dpop = await signProof(key, {
      method: 'POST',
      url,
      now: Date.now(),
      ...(nonce && { nonce }),
    });
    const first = await exchange(stage, { dpop });
    expect(await first.json()).toMatchObject({ token_type: 'DPoP' });
    const second = await exchange(stage, { dpop });
    expect([second.status, await second.json()]).toMatchObject([
      ...[400, { error: 'invalid_dpop_proof' }],
    ]);
  });

  test('without a proof, the capability is a bearer token', async () => {
    const response = await exchange(stage, {});
    expect(await response.json()).toMatchObject({ token_type: 'Bearer' });
  });
});
