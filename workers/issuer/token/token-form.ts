import { ok, type Result, refuse } from '../../../src/result.ts';
import { readForm } from '../platform/form-body.ts';
import {
  PRESENTED_TOKEN_REFUSALS,
  type PresentedTokenRefusal,
  type RefusalEntry,
  writeRefusal,
} from './refusals/index.ts';

/** The form of `/introspect` (RFC 7662 section 2.1) and `/revoke` (RFC 7009 section 2.1). */
export interface TokenForm {
  readonly token: string;
  readonly hint?: string;
}

/** Reads the form. It ignores a token in the query: URLs end up in logs. */
export async function readTokenForm(
  request: Request,
): Promise<Result<TokenForm, PresentedTokenRefusal>> {
  const read = await readForm(request);
  if (!read.ok) return read;
  const [token, ...moreTokens] = read.value.getAll('token');
  const [hint, ...moreHints] = read.value.getAll('token_type_hint');
  if (!token) return refuse({ code: 'parameter_missing', parameter: 'token' });
  if (moreTokens.length > 0) return refuse({ code: 'parameter_repeated', parameter: 'token' });
  if (moreHints.length > 0) {
    return refuse({ code: 'parameter_repeated', parameter: 'token_type_hint' });
  }
  return ok({ token, ...(hint !== undefined && { hint }) });
}

/** Answers a refusal with an OAuth error (RFC 6749 section 5.2). */
export function answerTokenFormRefusal(refusal: PresentedTokenRefusal): Response {
  const entry = PRESENTED_TOKEN_REFUSALS[refusal.code] as RefusalEntry<never>;
  const { status, headers, body } = writeRefusal(entry, refusal as never);
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}
