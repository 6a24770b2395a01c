import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { isJsonObject } from '../../../src/canonical-json.ts';
import { ADMIN_REQUEST_BYTES_MAX } from '../../../src/limits.ts';
import { type IssuerEnv, readConfig } from './config.ts';
import { credentialDigest, isCredential } from './credential.ts';

/** Who acts on an admin route, in the records. */
export const OPERATOR = 'operator';

/** Refuses whoever does not bring the operator credential; runs before every admin route. */
export async function requireOperator(
  request: IRequest,
  env: IssuerEnv,
): Promise<Response | undefined> {
  const digest = await credentialDigest(request.headers);
  if (isCredential(digest, readConfig(env).operatorSha256)) return undefined;
  return Response.json(
    { error: 'unauthorized', message: 'The operator credential is required.' },
    { status: 401, headers: { 'www-authenticate': 'Bearer realm="hewn-admin"' } },
  );
}

export const problem = (status: number, error: string, message: string): Response =>
  Response.json({ error, message }, { status });

/** The position of `after`, 0 without one; undefined for what is no position. */
export function readAfter(query: URLSearchParams): number | undefined {
  const text = query.get('after') ?? '0';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A body of exactly this shape, or the answer to any other. */
export async function readJson<Schema extends v.GenericSchema>(
  request: IRequest,
  schema: Schema,
  otherwise: string,
): Promise<v.InferOutput<Schema> | Response> {
  const invalid = problem(400, 'invalid_request', otherwise);
  const body = await readBounded(request as unknown as Request, ADMIN_REQUEST_BYTES_MAX);
  if (!body.ok)
    return body.error.code === 'body_too_large'
      ? problem(413, body.error.code, 'The body is too large.')
      : invalid;
  try {
    const value: unknown = JSON.parse(body.value);
    // A schema of objects takes `[]` for one without members: an order that says nothing.
    const parsed = isJsonObject(value) ? v.safeParse(schema, value) : undefined;
    return parsed?.success ? parsed.output : invalid;
  } catch {
    return invalid;
  }
}
