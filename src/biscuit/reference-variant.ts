/**
 * Maps a refusal to the form in which the reference implementation names it (biscuit-rust,
 * `error.rs`, serialized by serde), so that conformance data and differential tests can compare the
 * two. Compare the variants only: the messages inside are our own.
 */
import type { BiscuitError, FailedCheck } from './errors.ts';

/** A unit variant is its name. Any other variant is an object with the name as its only key. */
export type ReferenceVariant = string | { readonly [variant: string]: unknown };

const format = (variant: ReferenceVariant) => ({ Format: variant });
const malformed = (detail: string) => format({ DeserializationError: detail });
const execution = (variant: ReferenceVariant) => ({ Execution: variant });

const failedCheck = ({ origin, checkId, rule }: FailedCheck) =>
  origin === 'authorizer'
    ? { Authorizer: { check_id: checkId, rule } }
    : { Block: { block_id: origin, check_id: checkId, rule } };

/** Returns undefined if the reference has no such refusal. */
export function referenceVariant(error: BiscuitError): ReferenceVariant | undefined {
  switch (error.code) {
    case 'base64_invalid':
      return { Base64: 'InvalidLength' };
    case 'token_malformed':
    case 'third_party_request_malformed':
    case 'third_party_block_malformed':
      return malformed(error.detail);
    case 'block_malformed':
      return format({ BlockDeserializationError: error.detail });
    case 'block_version_unsupported':
      return format({
        Version: { maximum: error.maximum, minimum: error.minimum, actual: error.actual },
      });
    case 'block_version_too_low':
    case 'signature_version_unsupported':
    case 'authority_has_external_signature':
    case 'third_party_signature_version':
      return malformed(error.code);
    case 'key_malformed':
      return format({ InvalidKey: error.detail });
    case 'key_size_invalid':
      return format({ InvalidKeySize: error.bytes });
    case 'symbol_table_overlap':
      return format('SymbolTableOverlap');
    case 'public_key_table_overlap':
      return format('PublicKeyTableOverlap');
    case 'symbol_unknown':
      // A number, as JSON readers parse it, even if that loses precision.
      return format({ UnknownSymbol: Number(error.symbolId) });
    case 'public_key_unknown':
      return format('UnknownExternalKey');
    case 'append_on_sealed':
      return 'AppendOnSealed';
    case 'already_sealed':
      return 'AlreadySealed';
    case 'signature_malformed':
      return format({ BlockSignatureDeserializationError: error.detail });
    case 'signature_invalid':
    case 'external_signature_invalid':
    case 'proof_key_mismatch':
    case 'seal_invalid':
      return format({ Signature: { InvalidSignature: error.code } });
    case 'root_key_unknown':
      return format('UnknownPublicKey');
    case 'parse_failed':
      return { Language: { ParseError: { errors: [{ input: error.found, message: null }] } } };
    case 'parameters_mismatch':
      return {
        Language: {
          Parameters: { missing_parameters: error.missing, unused_parameters: error.unused },
        },
      };
    case 'limit_exceeded':
      if (error.limit === 'factsMax') return { RunLimit: 'TooManyFacts' };
      return error.limit === 'iterationsMax' ? { RunLimit: 'TooManyIterations' } : undefined;
    case 'integer_overflow':
      return execution('Overflow');
    case 'division_by_zero':
      return execution('DivideByZero');
    case 'type_invalid':
      return execution('InvalidType');
    case 'stack_invalid':
      return execution('InvalidStack');
    case 'variable_unknown':
      return execution({ UnknownVariable: error.name });
    case 'variable_shadowed':
      return execution('ShadowedVariable');
    case 'extern_undefined':
      return execution({ UndefinedExtern: error.name });
    case 'extern_failed':
      return execution({ ExternEvalError: [error.name, error.detail] });
    case 'rule_unbound':
      // The reference names block 0, whichever block contains the rule.
      return { FailedLogic: { InvalidBlockRule: [0, error.rule] } };
    case 'unauthorized':
      return {
        FailedLogic: {
          Unauthorized: {
            policy: { [error.policy.kind === 'allow' ? 'Allow' : 'Deny']: error.policy.index },
            checks: error.checks.map(failedCheck),
          },
        },
      };
    case 'no_matching_policy':
      return { FailedLogic: { NoMatchingPolicy: { checks: error.checks.map(failedCheck) } } };
    case 'key_algorithm_refused':
    case 'regex_unsupported':
      return undefined;
  }
}
