import { readBounded } from '../../../src/body.ts';
import { TOKEN_REQUEST_BYTES_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

/** A token that somebody presents to be asked about or revoked (RFC 7662 2.1, RFC 7009 2.1). */
export interface Presented {
  readonly token: string;
  readonly hint?: string;
}

/** An OAuth error (RFC 6749 section 5.2). */
export const oauthError = (
  status: number,
  error: string,
  description: string,
  headers: Record<string, string> = {},
): Response =>
  Response.json(
    { error, error_description: description },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  );

/** Reads the form, or answers it. A token in a query is not looked for: it ends up in logs. */
export async function readPresented(request: Request): Promise<Result<Presented, Response>> {
  const refused = (status: number, description: string) =>
    refuse(oauthError(status, 'invalid_request', description));
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return refused(415, 'The request is not application/x-www-form-urlencoded.');
  }
  const body = await readBounded(request, TOKEN_REQUEST_BYTES_MAX);
  if (!body.ok) {
    return body.error.code === 'body_too_large'
      ? refused(413, 'The request is too large.')
      : refused(400, 'The request is not UTF-8.');
  }
  const form = new URLSearchParams(body.value);
  const [token, ...tokens] = form.getAll('token');
  const [hint, ...hints] = form.getAll('token_type_hint');
  if (!token) return refused(400, 'The parameter token is missing.');
  if (tokens.length + hints.length > 0) return refused(400, 'A parameter is repeated.');
  return ok({ token, ...(hint !== undefined && { hint }) });
}
