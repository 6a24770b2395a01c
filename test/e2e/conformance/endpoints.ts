import { expect } from 'vitest';
import { GRANTS, TASK } from '../agent.ts';
import type { Stage } from '../stage.ts';

/** Our endpoints from the outside: the requests on the wire and the responses, and nothing else. */

const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const JWT_TYPE = 'urn:ietf:params:oauth:token-type:jwt';
export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Undefined omits a parameter, a list repeats it. */
export type Form = Readonly<Record<string, string | readonly string[] | undefined>>;

const encode = (form: Form): URLSearchParams =>
  new URLSearchParams(
    Object.entries(form).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  );

export async function post(
  stage: Stage,
  path: string,
  form: Form,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await stage.fetch(`${stage.issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: String(encode(form)),
  });
  const text = await response.text();
  const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: response.status, headers: response.headers, body };
}

export const details = (grants: unknown = GRANTS.slice(0, 1), more: object = {}): string =>
  JSON.stringify([{ type: 'hewn_task', task: TASK, grants, ...more }]);

/** Sends a correct token exchange, with `changes`. */
export const exchange = async (
  stage: Stage,
  changes: Form = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  post(
    stage,
    '/token',
    {
      grant_type: TOKEN_EXCHANGE,
      subject_token: await stage.identity.jwt('alice'),
      subject_token_type: ACCESS_TOKEN,
      actor_token: await stage.identity.jwt('report-agent'),
      actor_token_type: ACCESS_TOKEN,
      resource: stage.audience,
      authorization_details: details(),
      ...changes,
    },
    headers,
  );

/** Returns actor, subject and scope as the gateway's verifier reads them from the token. */
export const introspect = async (
  stage: Stage,
  token: unknown,
  credential = stage.verifier,
): Promise<Answer> =>
  post(
    stage,
    '/introspect',
    { token: String(token) },
    {
      authorization: `Bearer ${credential}`,
    },
  );

export async function granted(asked: Promise<Answer>): Promise<Answer> {
  const answer = await asked;
  expect([answer.status, answer.body.error]).toEqual([200, undefined]);
  return answer;
}

/** Asserts the form of RFC 6749 section 5.2, and that the response contains no token. */
export async function refused(
  asked: Promise<Answer>,
  error: string,
  status = 400,
): Promise<Answer> {
  const answer = await asked;
  expect([answer.status, answer.body.error]).toEqual([status, error]);
  expect(answer.body).not.toHaveProperty('access_token');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return answer;
}
