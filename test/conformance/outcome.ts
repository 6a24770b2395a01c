/**
 * The verdict of one judge (our engine, the reference, or the data itself) on one validation, in
 * the shapes of the official format, and the six aspects in which two verdicts are compared.
 */
import type { BlockContent, World } from './format.ts';

/** Serde's form of an error of the reference: a unit variant is a string, any other an object. */
export type Variant = string | { readonly [name: string]: unknown };

export type Outcome = {
  /** Undefined if the token does not parse: its blocks are then unreliable. */
  readonly blocks: readonly BlockContent[] | undefined;
  readonly result: { readonly Ok: number } | { readonly Err: Variant };
  readonly world: World | null;
  /** Empty if the token does not parse. */
  readonly revocationIds: readonly string[];
};

export const ASPECTS = [
  'parse verdict',
  'authorize verdict',
  'failed checks',
  'world',
  'revocation ids',
  'block sources',
] as const;

export type Aspect = (typeof ASPECTS)[number];

export type Difference = {
  readonly aspect: Aspect;
  readonly expected: string;
  readonly actual: string;
};

/** Variants whose content is a sentence or number of the implementation, not a nested variant. */
const LEAVES = new Set([
  'InvalidSignature',
  'DeserializationError',
  'BlockDeserializationError',
  'BlockSignatureDeserializationError',
  'Version',
  'InvalidKey',
  'InvalidKeySize',
  'InvalidSignatureSize',
  'UnknownSymbol',
  'ExistingPublicKey',
  'UnknownVariable',
  'UndefinedExtern',
  'ExternEvalError',
  'InvalidBlockRule',
  'Unauthorized',
  'NoMatchingPolicy',
  'Base64',
  'Language',
]);

/** `Format.Signature.InvalidSignature`: the nested variants of an error, without its free text. */
export function variantName(error: Variant): string {
  if (typeof error === 'string') return error;
  const [name = '', inner] = Object.entries(error)[0] ?? [];
  if (LEAVES.has(name)) return name;
  return `${name}.${variantName(inner as Variant)}`;
}

type Logic = {
  readonly policy?: unknown;
  readonly checks?: readonly unknown[];
};

/** The content of `Unauthorized` or `NoMatchingPolicy`; undefined for anything else. */
function logicOf(result: Outcome['result']): Logic | undefined {
  if ('Ok' in result || typeof result.Err === 'string') return undefined;
  const logic = result.Err.FailedLogic;
  if (typeof logic !== 'object' || logic === null) return undefined;
  return Object.values(logic)[0] as Logic | undefined;
}

const hasParsed = (outcome: Outcome): boolean => outcome.revocationIds.length > 0;

function parseVerdict(outcome: Outcome): string {
  if (hasParsed(outcome)) return 'parsed';
  return 'Err' in outcome.result ? variantName(outcome.result.Err) : 'no revocation ids';
}

/** The variant, and what matters besides it: the matching policy, or the refused rule. */
function authorizeVerdict({ result }: Outcome): string {
  if ('Ok' in result) return `Ok ${result.Ok}`;
  const name = variantName(result.Err);
  const logic = logicOf(result);
  if (Array.isArray(logic)) return `${name} ${JSON.stringify(logic)}`;
  return logic?.policy === undefined ? name : `${name} ${JSON.stringify(logic.policy)}`;
}

function show(aspect: Aspect, outcome: Outcome): string {
  switch (aspect) {
    case 'parse verdict':
      return parseVerdict(outcome);
    case 'authorize verdict':
      return authorizeVerdict(outcome);
    case 'failed checks':
      return JSON.stringify(logicOf(outcome.result)?.checks ?? [], undefined, 1);
    case 'world':
      return JSON.stringify(outcome.world, undefined, 1);
    case 'revocation ids':
      return JSON.stringify(outcome.revocationIds, undefined, 1);
    case 'block sources':
      return JSON.stringify(outcome.blocks ?? null, undefined, 1);
  }
}

/** Empty if both agree. */
export function compareOutcomes(expected: Outcome, actual: Outcome): readonly Difference[] {
  return ASPECTS.flatMap((aspect) => {
    const [left, right] = [show(aspect, expected), show(aspect, actual)];
    return left === right ? [] : [{ aspect, expected: left, actual: right }];
  });
}
