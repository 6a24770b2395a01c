import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import issuer from '../../../deployment/issuer.ts';
import { readStreamRequest } from '../../../src/signals/index.ts';
import { readConfig } from '../../../workers/issuer/platform/config.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const issuerEnv = env as unknown as IssuerEnv;
const EMPTY = ['', '\n', '\r\n', ' ', 'null', 'undefined'];

async function ask(
  path: string,
  headers: HeadersInit,
  vars: Partial<IssuerEnv>,
): Promise<Response> {
  const ctx = createExecutionContext();
  const request = new Request(`https://issuer.example${path}`, { headers });
  const response = await issuer.fetch(request, { ...issuerEnv, ...vars }, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

describe('an empty credential opens nothing', () => {
  test.each(EMPTY)('the digest of %j is refused in the configuration', async (credential) => {
    const digest = sha256(credential);
    const misconfigured: Partial<IssuerEnv>[] = [
      { OPERATOR_SHA256: digest },
      {
        VERIFIER_CREDENTIALS: JSON.stringify([
          { audience: 'https://gateway.example', sha256: digest },
        ]),
      },
    ];
    for (const vars of misconfigured) {
      expect(() => readConfig({ ...issuerEnv, ...vars })).toThrow('is missing or malformed');
      const response = await ask('/admin/v1/watermarks', {}, vars);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: 'misconfigured' });
    }
  });

  test.each(EMPTY)('the digest of %j is refused for the receiver of a stream', (credential) => {
    const order = (text: string) =>
      readStreamRequest(
        JSON.stringify({
          aud: 'https://receiver.example',
          delivery: { method: 'urn:ietf:rfc:8936' },
          receiver_sha256: sha256(text),
        }),
        { allowLoopback: false },
      ).ok;
    expect(order(credential)).toBe(false);
    expect(order('a credential')).toBe(true);
  });

  test.each([{}, { authorization: 'Bearer ' }, { authorization: 'Bearer' }, { authorization: '' }])(
    'no credential is not one, whatever was configured: %j',
    async (headers) => {
      const response = await ask('/admin/v1/watermarks', headers, {});
      expect(response.status).toBe(401);
    },
  );

  test('the right credential is let in', async () => {
    const vars = { OPERATOR_SHA256: sha256('operator') };
    const response = await ask('/admin/v1/watermarks', { authorization: 'Bearer operator' }, vars);
    expect(response.status).toBe(200);
  });
});

test('a fault of the configuration is logged with its reason, and not told to strangers', async () => {
  const entry = { name: 'idp', issuer: 'https://idp.example', jwksUri: 'ftp://idp.example' };
  const vars = { IDENTITY_ISSUERS: JSON.stringify([entry]) };
  expect(() => readConfig({ ...issuerEnv, ...vars })).toThrow('(0.jwksUri: not an https URL');
  const told = await (await ask('/.well-known/jwks.json', {}, vars)).text();
  expect(told).not.toContain('IDENTITY_ISSUERS');
});
