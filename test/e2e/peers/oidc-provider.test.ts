import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalStage, openStage } from '../../../scripts/local/stage.ts';
import { readPorts } from '../../../src/dev/index.ts';
import { loadDeploymentKeys } from '../../../src/key-file/index.ts';
import { exchanged, readReport, TOKEN_EXCHANGE, wanted } from './requests.ts';

/**
 * Both ends are third-party: oidc-provider issues the identities and openid-client sends the
 * requests, over HTTP on loopback with nothing replaced. The scene is the same as in `npm start`.
 */
let home: string;
let stage: LocalStage;
let agent: client.Configuration;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-peers-'));
  const keys = await loadDeploymentKeys(home, 'dev', 1_800_000_000);
  const free = { HEWN_GATEWAY_PORT: '0', HEWN_ISSUER_PORT: '0', HEWN_IDP_PORT: '0' };
  const ports = readPorts(
    (name) => (({ ...free, HEWN_MCP_PORT: '0' }) as Record<string, string>)[name],
  );
  if (!keys.ok || !ports.ok) throw new Error('the stage could not be opened');
  stage = await openStage({
    keys: keys.value.keys,
    ports: ports.value,
    onLine: () => {},
    localFolder: join(home, 'local'),
    stateFolder: join(home, 'state'),
  });
  agent = await client.discovery(new URL(stage.issuerUrl), 'report-agent', {}, client.None(), {
    algorithm: 'oauth2',
    execute: [client.allowInsecureRequests],
  });
}, 90_000);
afterAll(async () => {
  await stage?.close();
  await rm(home, { recursive: true, force: true });
});

describe('tokens of oidc-provider', () => {
  test('are exchanged by openid-client for a bound capability, which reads a report', async () => {
    const { identity, gatewayUrl, documents } = stage;
    const DPoP = client.getDPoPHandle(agent, await client.randomDPoPKeyPair('ES256'));
    const granted = await client.genericGrantRequest(
      ...([agent, TOKEN_EXCHANGE] as const),
      {
        ...wanted(gatewayUrl),
        ...exchanged(await identity.userToken(), await identity.workloadToken()),
      },
      { DPoP },
    );
    expect(granted.token_type).toBe('dpop');
    const { url, headers, body } = readReport(gatewayUrl, documents.reports[0] ?? '');
    const answer = await client.fetchProtectedResource(
      ...([agent, granted.access_token, url, 'POST', body, headers, { DPoP }] as const),
    );
    expect(await answer.json()).toMatchObject({ result: { content: [{ type: 'text' }] } });
    await client.tokenRevocation(agent, granted.access_token);
  });

  test('of a user are not accepted as tokens of an agent, or the other way round', async () => {
    const { identity, gatewayUrl } = stage;
    const [user, workload] = [await identity.userToken(), await identity.workloadToken()];
    for (const [subject, actor] of [
      ...[
        [user, undefined],
        [workload, user],
        [workload, undefined],
      ],
    ] as const) {
      const asked = { ...wanted(gatewayUrl), ...exchanged(subject ?? '', actor) };
      await expect(client.genericGrantRequest(agent, TOKEN_EXCHANGE, asked)).rejects.toMatchObject({
        error: expect.stringMatching(/^(access_denied|invalid_request)$/),
      });
    }
  });

  test.each(['', ' ', '\t'])(
    'are worthless with a DPoP header of %j: it is an invalid proof, not an absent one',
    async (dpop) => {
      const { identity, gatewayUrl, issuerUrl } = stage;
      const tokens = exchanged(await identity.userToken(), await identity.workloadToken());
      const response = await fetch(`${issuerUrl}/token`, {
        method: 'POST',
        headers: { dpop },
        body: new URLSearchParams({ grant_type: TOKEN_EXCHANGE, ...wanted(gatewayUrl), ...tokens }),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_dpop_proof' });
    },
  );
});
