import { readFile } from 'node:fs/promises';
import { type Capability, type DpopKey, obtainCapability } from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { EventStream } from '../../src/event-stream.ts';
import { expectContract } from '../contract.ts';
import type { Stage } from './stage.ts';

/** The part of a stage that these functions need, of one process or several. */
export type Reached = Pick<Stage, 'issuer' | 'audience' | 'operator' | 'identity' | 'fetch'>;

export const GRANTS: readonly Grant[] = [
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
  { tool: 'mcp/files/list_directory', action: 'read', dataset: 'files/reports' },
  { tool: 'mcp/files/write_file', action: 'write', dataset: 'files/summaries/churn.md' },
];

export const TASK = 'quarterly churn report';

/** Sends `POST /token` as a form. A change to undefined leaves the parameter out. */
export async function exchange(
  stage: Reached,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  const usual: Record<string, string | undefined> = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await stage.identity.jwt('alice'),
    subject_token_type: type,
    actor_token: await stage.identity.jwt('report-agent'),
    actor_token_type: type,
    resource: stage.audience,
    authorization_details: JSON.stringify([{ type: 'hewn_task', task: TASK, grants: GRANTS }]),
  };
  const form = Object.entries({ ...usual, ...changes }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  const response = await stage.fetch(`${stage.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function obtain(stage: Reached, grants = GRANTS, dpop?: DpopKey): Promise<Capability> {
  const { issuer, audience, identity, fetch } = stage;
  const capability = await obtainCapability({
    issuer,
    audience,
    task: TASK,
    grants,
    fetch,
    ...(dpop && { dpop }),
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
  });
  if (!capability.ok) throw new Error(JSON.stringify(capability.error));
  return capability.value;
}

export async function catalogue(): Promise<Catalogue> {
  const parsed = parseCatalogue(await readFile('policy/tools.toml', 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

/**
 * Calls an admin route with the operator's credential. An answer that is not exactly as the contract
 * has it fails the test: OpenAPI and the command line would be wrong about it.
 */
export async function admin(stage: Reached, path: string, body?: unknown): Promise<Response> {
  const method = body === undefined ? 'GET' : 'POST';
  const response = await stage.fetch(`${stage.issuer}/admin/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${stage.operator}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.status === 200) expectContract(method, path, await response.clone().json());
  return response;
}

/** Sends one raw JSON-RPC message to the gateway, with the given token unchanged. */
export const post = (
  stage: Reached,
  token: string,
  message: unknown,
  headers: Record<string, string> = {},
  server = 'files',
): Promise<Response> =>
  stage.fetch(`${stage.audience}/mcp/${server}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof message === 'string' ? message : JSON.stringify(message),
  });

/** Sends a message as `post` does, and reads what comes back to its end. */
export async function send(
  stage: Reached,
  token: string,
  message: unknown,
  headers?: Record<string, string>,
  server?: string,
): Promise<{
  status: number;
  code: string | undefined;
  body: Record<string, unknown> | undefined;
  text: string;
}> {
  const response = await post(stage, token, message, headers, server);
  const text = await response.text();
  let body: { error?: { data?: { code?: string } } } | undefined;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const code = body?.error?.data?.code;
  return { status: response.status, code, body: body as Record<string, unknown>, text };
}

/** Returns the messages of an event stream that was read to its end. */
export const messagesOf = (text: string): readonly Record<string, unknown>[] =>
  new EventStream().push(text).flatMap(({ data }) => (data ? [JSON.parse(data)] : []));

export const call = (name: string, args: unknown, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});

export const read = (path: string) => call('read_text_file', { path });
