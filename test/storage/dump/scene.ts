/** The issuer, its callers and their credentials: the same for the stories and the dumps. */
import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import worker from '../../../deployment/issuer.ts';
import { type Capability, type ObtainOptions, obtainCapability } from '../../../src/agent/index.ts';
import type { IssuerEnv } from '../../../workers/issuer/platform/env.ts';
import { IDP, idToken } from './idp.ts';

export const OPERATOR = 'operator-of-the-dump';
const VERIFIER = 'verifier-of-the-dump';
export const RECEIVER_TOKEN = 'receiver-of-the-dump';

export const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

export const objects = untyped as unknown as IssuerEnv;
const AUDIENCE = 'https://gateway.example';
export const env: IssuerEnv = {
  ...objects,
  OPERATOR_SHA256: await sha256(OPERATOR),
  VERIFIER_CREDENTIALS: JSON.stringify([{ audience: AUDIENCE, sha256: await sha256(VERIFIER) }]),
  IDENTITY_ISSUERS: JSON.stringify([
    {
      name: 'local-idp',
      issuer: IDP,
      jwksUri: `${IDP}/jwks`,
      audience: objects.ISSUER,
      algorithms: ['ES256'],
      allowedActors: [`${IDP}#report-agent`],
    },
  ]),
};

export async function fetchIssuer(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const ctx = createExecutionContext();
  const response = await worker.fetch(new Request(input as string, init) as never, env, ctx);
  await waitOnExecutionContext(ctx);
  return response;
}

export const READ = { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' };
export const WRITE = {
  tool: 'mcp/files/write_file',
  action: 'write',
  dataset: 'files/summaries/churn.md',
};
export const EDIT = { ...WRITE, tool: 'mcp/files/edit_file' };

export async function options(change: object = {}): Promise<ObtainOptions> {
  return {
    issuer: objects.ISSUER,
    audience: AUDIENCE,
    task: 'quarterly churn report',
    grants: [READ],
    fetch: fetchIssuer as typeof fetch,
    subjectToken: await idToken('alice', objects.ISSUER),
    actorToken: await idToken('report-agent', objects.ISSUER),
    ...change,
  } as ObtainOptions;
}

export async function obtain(change: object = {}): Promise<Capability> {
  const obtained = await obtainCapability(await options(change));
  if (!obtained.ok) throw new Error(JSON.stringify(obtained.error));
  return obtained.value;
}

export async function admin(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetchIssuer(`${objects.ISSUER}/admin/v1/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Record<string, unknown>;
}

export const order = (workflow: string, move: string) =>
  admin(`workflows/${workflow}/${move}`, { reason: `to ${move}` });

export const introspect = async (token: string) => {
  const response = await fetchIssuer(`${objects.ISSUER}/introspect`, {
    method: 'POST',
    headers: { authorization: `Bearer ${VERIFIER}` },
    body: new URLSearchParams({ token }),
  });
  return (await response.json()) as Record<string, unknown>;
};
