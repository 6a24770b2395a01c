import { readBounded } from '../../../src/body.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';

export const TOKEN_REQUEST_BYTES_MAX = 64 * 1024;

/**
 * Twice as many as the longest valid request has. `URLSearchParams` finds a name by a linear scan.
 * 64 KiB hold 32,000 parameters, and a loop of lookups over as many names let one unauthenticated
 * request take seconds of CPU.
 */
export const FORM_PARAMETERS_MAX = 48;

export type FormError =
  | { readonly code: 'content_type_unsupported' }
  | { readonly code: 'body_too_large' }
  | { readonly code: 'body_not_utf8' }
  | { readonly code: 'too_many_parameters' };

/** Reads a form. Checks its type, its size and the number of parameters before its content. */
export async function readForm(request: Request): Promise<Result<URLSearchParams, FormError>> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    return refuse({ code: 'content_type_unsupported' });
  }
  const body = await readBounded(request, TOKEN_REQUEST_BYTES_MAX);
  return body.ok ? parseForm(body.value) : body;
}

/** Counts the parameters before it parses them, including empty ones between two `&`. */
export function parseForm(
  text: string,
): Result<URLSearchParams, { readonly code: 'too_many_parameters' }> {
  let parameters = 1;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    parameters += 1;
    if (parameters > FORM_PARAMETERS_MAX) return refuse({ code: 'too_many_parameters' });
  }
  return ok(new URLSearchParams(text));
}
