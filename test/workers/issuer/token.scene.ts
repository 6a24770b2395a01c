/** Calls the whole Worker as an authenticated client that requests tokens, and as an operator. */
import { createExecutionContext, env as untyped, waitOnExecutionContext } from 'cloudflare:test';
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import worker from '../../../deployment/issuer.ts';
import type { IssuerEnv, IssuerWorker } from '../../../workers/issuer/index.ts';
import { expectContract } from '../../contract.ts';

const deployed = untyped as unknown as IssuerEnv;
const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwk = { ...(await exportJWK(publicKey)), kid: 'one' };

export const OPERATOR = 'the operator of this test';
export const CLIENT = 'nightly-report';
export const AGENT = `${deployed.ISSUER}#${CLIENT}`;
export const READ = 'mcp/files/read_text_file';
export const LIST = 'mcp/files/list_directory';
/** The owner that the policy names; without a user also the subject. */
export const OWNER = 'team:growth';

export const env: IssuerEnv = {
  ...deployed,
  OPERATOR_SHA256: createHash('sha256').update(OPERATOR).digest('hex'),
  IDENTITY_ISSUERS: JSON.stringify([
    {
      kind: 'client',
      name: CLIENT,
      clientId: CLIENT,
      algorithms: ['ES256'],
      jwks: { keys: [jwk] },
    },
  ]),
};

export async function ask(
  path: string,
  init: RequestInit,
  of: IssuerEnv,
  by: IssuerWorker = worker,
): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await by.fetch(new Request(`${env.ISSUER}${path}`, init), of, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

export interface TokenAnswer {
  readonly status: number;
  readonly token: string | undefined;
  readonly error: string | undefined;
  readonly workflow: string;
  readonly tools: readonly string[];
  readonly expiresIn: number | undefined;
}

/** Requests a capability for `tools` as the client; `more` adds members to the hewn_task. */
export async function askForToken(
  tools: readonly string[] = [READ, LIST],
  more: Readonly<Record<string, unknown>> = {},
  of: IssuerEnv = env,
  by: IssuerWorker = worker,
): Promise<TokenAnswer> {
  const assertion = await new SignJWT({ jti: crypto.randomUUID() })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(CLIENT)
    .setSubject(CLIENT)
    .setAudience(env.ISSUER)
    .setExpirationTime('1m')
    .sign(privateKey);
  const [audience = ''] = JSON.parse(env.AUDIENCES) as string[];
  const grants = tools.map((tool) => ({ tool, action: 'read', dataset: 'files/reports' }));
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion: assertion,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    resource: audience,
    authorization_details: JSON.stringify([{ type: 'hewn_task', task: 'test', grants, ...more }]),
  });
  const response = await ask('/token', { method: 'POST', body }, of, by);
  const answer = (await response.json()) as {
    access_token?: string;
    expires_in?: number;
    error?: string;
    authorization_details?: { workflow: string; grants: { tool: string }[] }[];
  };
  const [granted] = answer.authorization_details ?? [];
  return {
    status: response.status,
    token: answer.access_token,
    error: answer.error,
    workflow: granted?.workflow ?? '',
    expiresIn: answer.expires_in,
    tools: granted?.grants.map(({ tool }) => tool) ?? [],
  };
}

export async function admin(
  path: string,
  body?: object,
  of: IssuerEnv = env,
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await ask(
    `/admin/v1/${path}`,
    {
      headers: { authorization: `Bearer ${OPERATOR}` },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    },
    of,
  );
  const answer = (await response.json()) as Record<string, unknown>;
  if (response.ok) expectContract(body ? 'POST' : 'GET', path, answer);
  return { status: response.status, body: answer };
}

export async function introspect(token: string): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${OPERATOR}` };
  const body = new URLSearchParams({ token });
  const response = await ask('/introspect', { method: 'POST', headers, body }, env);
  return (await response.json()) as Record<string, unknown>;
}
