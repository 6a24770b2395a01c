import type { BiscuitError, FormatError, LanguageError } from '../biscuit/index.ts';

/** Why a token is refused, before or during the evaluation of its checks. */
export type TokenError =
  | { readonly code: 'token_too_large' }
  | { readonly code: 'token_malformed'; readonly why: string }
  | { readonly code: 'signature_invalid'; readonly why: string }
  | { readonly code: 'token_over_limit'; readonly limit: string }
  | { readonly code: 'token_execution'; readonly error: string };

const SIGNATURE = [
  ...(['signature_malformed', 'signature_invalid', 'external_signature_invalid'] as const),
  ...(['seal_invalid', 'proof_key_mismatch', 'root_key_unknown'] as const),
  'key_algorithm_refused',
] as const satisfies readonly BiscuitError['code'][];

/** The errors that end an evaluation. */
const EXECUTION = [
  ...(['integer_overflow', 'division_by_zero', 'type_invalid', 'stack_invalid'] as const),
  ...(['variable_unknown', 'variable_shadowed', 'extern_undefined', 'extern_failed'] as const),
  ...(['regex_unsupported', 'rule_unbound', 'unauthorized', 'no_matching_policy'] as const),
] as const satisfies readonly BiscuitError['code'][];

const isOneOf = <Code extends string>(codes: readonly Code[], code: string): code is Code =>
  (codes as readonly string[]).includes(code);

/** Maps the engine's errors. Those that are in neither list are errors of the token's form. */
export function toTokenError(error: BiscuitError): TokenError {
  const { code } = error;
  if (code === 'limit_exceeded') {
    const { limit } = error;
    return limit === 'tokenBytesMax'
      ? { code: 'token_too_large' }
      : { code: 'token_over_limit', limit };
  }
  if (isOneOf(SIGNATURE, code)) return { code: 'signature_invalid', why: code };
  if (isOneOf(EXECUTION, code)) return { code: 'token_execution', error: code };
  return {
    code: 'token_malformed',
    why: code satisfies FormatError['code'] | LanguageError['code'],
  };
}
