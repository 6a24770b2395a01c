import type { BiscuitError } from '../biscuit/index.ts';

export type TokenError =
  | { readonly code: 'token_too_large' }
  | { readonly code: 'token_malformed'; readonly why: string }
  | { readonly code: 'signature_invalid'; readonly why: string }
  | { readonly code: 'token_over_limit'; readonly limit: string }
  | { readonly code: 'token_execution'; readonly error: string };

type Kind = Exclude<TokenError['code'], 'token_too_large' | 'token_over_limit'>;

/**
 * What each of the engine's refusals means for a capability; a new one does not compile until
 * placed.
 */
const KINDS: Readonly<Record<Exclude<BiscuitError['code'], 'limit_exceeded'>, Kind>> = {
  base64_invalid: 'token_malformed',
  token_malformed: 'token_malformed',
  block_malformed: 'token_malformed',
  block_version_unsupported: 'token_malformed',
  block_version_too_low: 'token_malformed',
  signature_version_unsupported: 'token_malformed',
  authority_has_external_signature: 'token_malformed',
  third_party_signature_version: 'token_malformed',
  third_party_request_malformed: 'token_malformed',
  third_party_block_malformed: 'token_malformed',
  key_malformed: 'token_malformed',
  key_size_invalid: 'token_malformed',
  symbol_table_overlap: 'token_malformed',
  public_key_table_overlap: 'token_malformed',
  symbol_unknown: 'token_malformed',
  public_key_unknown: 'token_malformed',
  append_on_sealed: 'token_malformed',
  already_sealed: 'token_malformed',
  signature_malformed: 'signature_invalid',
  signature_invalid: 'signature_invalid',
  external_signature_invalid: 'signature_invalid',
  seal_invalid: 'signature_invalid',
  proof_key_mismatch: 'signature_invalid',
  root_key_unknown: 'signature_invalid',
  key_algorithm_refused: 'signature_invalid',
  parse_failed: 'token_execution',
  parameters_mismatch: 'token_execution',
  integer_overflow: 'token_execution',
  division_by_zero: 'token_execution',
  type_invalid: 'token_execution',
  stack_invalid: 'token_execution',
  variable_unknown: 'token_execution',
  variable_shadowed: 'token_execution',
  extern_undefined: 'token_execution',
  extern_failed: 'token_execution',
  regex_unsupported: 'token_execution',
  rule_unbound: 'token_execution',
  unauthorized: 'token_execution',
  no_matching_policy: 'token_execution',
};

export function toTokenError(error: BiscuitError): TokenError {
  if (error.code === 'limit_exceeded') {
    const { limit } = error;
    return limit === 'tokenBytesMax'
      ? { code: 'token_too_large' }
      : { code: 'token_over_limit', limit };
  }
  const code = KINDS[error.code];
  return code === 'token_execution' ? { code, error: error.code } : { code, why: error.code };
}
