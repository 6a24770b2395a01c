import { ok, type Result, refuse } from '../../../src/result.ts';
import { type FormError, readForm } from '../platform/form.ts';

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
  const read = await readForm(request);
  if (!read.ok) {
    const { status, description } = FORM_ERRORS[read.error.code];
    return refused(status, description);
  }
  const form = read.value;
  const [token, ...tokens] = form.getAll('token');
  const [hint, ...hints] = form.getAll('token_type_hint');
  if (!token) return refused(400, 'The parameter token is missing.');
  if (tokens.length + hints.length > 0) return refused(400, 'A parameter is repeated.');
  return ok({ token, ...(hint !== undefined && { hint }) });
}

const FORM_ERRORS: Readonly<Record<FormError['code'], { status: number; description: string }>> = {
  content_type_unsupported: {
    status: 415,
    description: 'The request is not application/x-www-form-urlencoded.',
  },
  body_too_large: { status: 413, description: 'The request is too large.' },
  body_not_utf8: { status: 400, description: 'The request is not UTF-8.' },
  too_many_parameters: { status: 400, description: 'The request has too many parameters.' },
};
