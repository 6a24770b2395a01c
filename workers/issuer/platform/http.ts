import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { readBounded } from '../../../src/body.ts';
import { isJsonObject } from '../../../src/canonical-json.ts';
import { describeFault, PROBLEMS, type Refusal } from '../../../src/issuer-api/index.ts';
import { ADMIN_REQUEST_BYTES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

/** The answer to a refusal: status and message of the table, or the message of the refusal. */
export function problem(
  { code, message = PROBLEMS[code].message, retryAfterSeconds, detail }: Refusal,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const retry = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return Response.json(
    { error: code, message, ...(detail && { detail }) },
    { status: PROBLEMS[code].status, headers: { ...headers, ...retry } },
  );
}

/** Reads a JSON object of exactly this schema. By default, no more bytes than an order has. */
export async function readJson<Schema extends v.GenericSchema>(
  request: IRequest,
  schema: Schema,
  bytesMax: number = ADMIN_REQUEST_BYTES_MAX,
): Promise<Result<v.InferOutput<Schema>, Refusal<'invalid_request' | 'body_too_large'>>> {
  const body = await readBounded(request as unknown as Request, bytesMax);
  if (!body.ok && body.error.code === 'body_too_large') {
    return refuse({
      code: 'body_too_large',
      message: `The body is larger than ${bytesMax / 1024} KiB.`,
    });
  }
  const value = body.ok ? parse(body.value) : undefined;
  // A schema of objects accepts `[]` as an object without members: an order that says nothing.
  const read = isJsonObject(value) ? v.safeParse(schema, value, { abortEarly: true }) : undefined;
  if (read?.success) return ok(read.output);
  return refuse({
    code: 'invalid_request',
    message: describeFault('body', schema, read?.issues),
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
