import { type AuthzenMapping, createPdp, type PdpOptions } from '../../../src/authzen/index.ts';
import { testIssuer } from '../../../src/testing/index.ts';

/** A decision point of tests, and what an enforcement point sends to it. */

export const PDP = 'https://pdp.example';
export const API = 'https://records.example';
export const PREFIX = 'https://idp.test#';
export const CREDENTIAL = 'a credential of an enforcement point';

const sha256 = async (text: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');

export const CALLERS = [{ name: 'test', sha256: await sha256(CREDENTIAL) }];

export const MAPPING: AuthzenMapping = {
  subjects: {
    user: { is: 'subject', prefix: PREFIX },
    workflow: { is: 'workflow' },
  },
  resources: {
    record: {
      dataset: 'records/{resource.id}',
      actions: {
        read: { tool: 'records.read', action: 'read', tier: 1 },
        write: {
          tool: 'records.write',
          action: 'write',
          tier: 2,
          args: { status: '{resource.properties.status}', by: 'authzen', from: '{context.ip}' },
        },
      },
    },
    file: {
      dataset: 'files/{+resource.id}',
      actions: { read: { tool: 'files.read', action: 'read', tier: 1 } },
    },
  },
};

export async function pdpWith(changes: Partial<PdpOptions> = {}) {
  const issuer = await testIssuer({ audience: API });
  const pdp = createPdp({
    url: PDP,
    protection: issuer.protection,
    callers: CALLERS,
    mapping: MAPPING,
    ...changes,
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    pdp.fetch(requestOf(path, body, headers));
  const answerOf = async (path: string, body: unknown): Promise<Record<string, unknown>> =>
    (await post(path, body)).json() as Promise<Record<string, unknown>>;
  return { issuer, pdp, post, answerOf };
}

export const requestOf = (
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Request =>
  new Request(`${PDP}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${CREDENTIAL}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
