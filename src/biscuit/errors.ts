/**
 * Every refusal of the Biscuit engine, as one closed union of codes with their data.
 *
 * The codes are API. `referenceVariant` (reference-variant.ts) maps each code to the name that the
 * reference implementation uses for the same refusal.
 */
import type { Int64 } from './datalog/ast.ts';
import type { Limits } from './limits.ts';

/** Malformed input: a token, block, key or request, as bytes or text. */
export type FormatError =
  | { readonly code: 'base64_invalid' }
  /** The outer message is malformed; `detail` says how. */
  | { readonly code: 'token_malformed'; readonly detail: string }
  | { readonly code: 'block_malformed'; readonly blockId: number; readonly detail: string }
  | {
      readonly code: 'block_version_unsupported';
      readonly blockId: number;
      readonly minimum: number;
      readonly maximum: number;
      readonly actual: number;
    }
  /** The block uses a feature that its declared version does not have. */
  | {
      readonly code: 'block_version_too_low';
      readonly blockId: number;
      readonly needed: number;
      readonly actual: number;
      readonly feature: string;
    }
  | {
      readonly code: 'signature_version_unsupported';
      readonly blockId: number;
      readonly actual: number;
    }
  | { readonly code: 'authority_has_external_signature' }
  | { readonly code: 'third_party_signature_version'; readonly blockId: number }
  | { readonly code: 'third_party_request_malformed'; readonly detail: string }
  | { readonly code: 'third_party_block_malformed'; readonly detail: string }
  | { readonly code: 'key_malformed'; readonly detail: string }
  | { readonly code: 'key_size_invalid'; readonly bytes: number }
  /** The key uses an algorithm that the caller has not enabled. */
  | { readonly code: 'key_algorithm_refused'; readonly algorithm: string }
  | { readonly code: 'symbol_table_overlap'; readonly blockId: number }
  | { readonly code: 'public_key_table_overlap'; readonly blockId: number }
  | { readonly code: 'symbol_unknown'; readonly symbolId: Int64 }
  | { readonly code: 'public_key_unknown'; readonly keyId: Int64 }
  | { readonly code: 'append_on_sealed' }
  | { readonly code: 'already_sealed' };

/** `blockId` is the block whose signature failed; 0 is the authority block. */
export type SignatureError =
  | { readonly code: 'signature_malformed'; readonly blockId: number; readonly detail: string }
  | { readonly code: 'signature_invalid'; readonly blockId: number }
  | { readonly code: 'external_signature_invalid'; readonly blockId: number }
  | { readonly code: 'seal_invalid' }
  /** The secret in the proof does not match the last block's next key. */
  | { readonly code: 'proof_key_mismatch' }
  | { readonly code: 'root_key_unknown' };

/** A limit was exceeded. `limit` names it. */
export type LimitError = {
  readonly code: 'limit_exceeded';
  readonly limit: keyof Limits;
  readonly maximum: number;
};

/**
 * A syntax error in Datalog text. `line` and `column` start at 1; columns count Unicode code
 * points.
 */
export type LanguageError =
  | {
      readonly code: 'parse_failed';
      readonly line: number;
      readonly column: number;
      /** What would have been valid here, such as `a term` or `","`. */
      readonly expected: readonly string[];
      /** The text found instead, shortened; empty at the end of the input. */
      readonly found: string;
    }
  | {
      readonly code: 'parameters_mismatch';
      readonly missing: readonly string[];
      readonly unused: readonly string[];
    };

/** An expression failed to evaluate. This ends the authorization, whatever the other checks say. */
export type ExecutionError =
  | { readonly code: 'integer_overflow' }
  | { readonly code: 'division_by_zero' }
  | { readonly code: 'type_invalid' }
  | { readonly code: 'stack_invalid' }
  | { readonly code: 'variable_unknown'; readonly name: string }
  | { readonly code: 'variable_shadowed'; readonly name: string }
  | { readonly code: 'extern_undefined'; readonly name: string }
  | { readonly code: 'extern_failed'; readonly name: string; readonly detail: string }
  /** A pattern outside the supported subset of Rust's `regex` syntax (datalog/regex). */
  | { readonly code: 'regex_unsupported'; readonly pattern: string; readonly detail: string };

/** A check that failed: where it stands, and its text. */
export type FailedCheck = {
  readonly origin: 'authorizer' | number;
  readonly checkId: number;
  /** The check as Datalog text. */
  readonly rule: string;
};

/** The authorization was evaluated and did not allow. */
export type LogicError =
  /** A head variable of the rule does not occur in its body. */
  | {
      readonly code: 'rule_unbound';
      readonly blockId: 'authorizer' | number;
      readonly rule: string;
    }
  | {
      readonly code: 'unauthorized';
      readonly policy: { readonly kind: 'allow' | 'deny'; readonly index: number };
      readonly checks: readonly FailedCheck[];
    }
  | { readonly code: 'no_matching_policy'; readonly checks: readonly FailedCheck[] };

/** Every refusal of the engine. Switch on `code`. */
export type BiscuitError =
  | FormatError
  | SignatureError
  | LimitError
  | LanguageError
  | ExecutionError
  | LogicError;

/** The codes of `BiscuitError`. */
export type BiscuitErrorCode = BiscuitError['code'];
