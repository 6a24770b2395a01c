/**
 * Decides whether our engine and the reference agree on one judgement. If not, it must be one of
 * the differences that docs/reference/biscuit.md lists. Everything else is a disagreement.
 */
import {
  compareOutcomes,
  type Difference,
  type Outcome,
  type Variant,
  variantName,
} from '../conformance/outcome.ts';
import { canonicalOutcome, unescapedOutcome } from './canonical.ts';
import type { Campaign } from './generate/case.ts';

/** The names of the differences in docs/reference/biscuit.md. */
export const EXPLANATIONS = [
  'any-error-denies',
  'block-versions',
  'blocks-read-at-once',
  'limits',
  'other-refusal',
  'regex-subset',
  'scope-keys',
  'strict-messages',
  'text-grammar',
  'world-after-refusal',
] as const;

export type Explanation = (typeof EXPLANATIONS)[number];

export type Agreement =
  | { readonly kind: 'same'; readonly verdict: string }
  | { readonly kind: 'explained'; readonly by: Explanation }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] };

export type Context = {
  readonly campaign: Campaign;
  /** Whether the reference finds an error when it evaluates every combination of every query. */
  failsSomewhere(): boolean;
};

export const verdictOf = ({ result }: Outcome): string =>
  'Ok' in result ? 'Ok' : variantName(result.Err);

const isExecution = (verdict: string): boolean => verdict.startsWith('Execution.');
const isFormat = (verdict: string): boolean => verdict.startsWith('Format.');
const isLimit = (verdict: string): boolean => /^(?:Hewn\.limit_exceeded|RunLimit)/.test(verdict);
const hasParsed = ({ revocationIds }: Outcome): boolean => revocationIds.length > 0;

/** What our reader refuses and the reference ignores. No builder writes any of it. */
const STRICT = [
  /stands twice$/,
  /^a required field of \w+ is missing$/,
  / of two kinds$/,
  /^a number does not fit in 32 bits$/,
  /^a number is longer than it need be$/,
  /^a variable in a fact$/,
  /^a map with one key twice$/,
  /^field \d+ has a value that the schema does not know$/,
];

/** Returns the variant inside `Format` and its content. */
function detailOf(refusal: Variant): readonly [string, unknown] {
  const format = typeof refusal === 'string' ? undefined : refusal.Format;
  if (typeof format !== 'object' || format === null) return ['', undefined];
  return Object.entries(format)[0] ?? ['', undefined];
}

function isStrict(refusal: Variant): boolean {
  const [name, detail] = detailOf(refusal);
  // The reference also accepts a symbol that only a later block declares.
  if (name === 'UnknownSymbol') return true;
  return typeof detail === 'string' && STRICT.some((pattern) => pattern.test(detail));
}

function explain(theirs: Outcome, ours: Outcome, context: Context): Explanation | undefined {
  const [left, right] = [verdictOf(theirs), verdictOf(ours)];
  if (isExecution(right) && isExecution(left)) return 'any-error-denies';
  if (isExecution(right) && context.failsSomewhere()) return 'any-error-denies';
  if (right.startsWith('Hewn.limit_exceeded')) return 'limits';
  if (right.startsWith('Hewn.regex_unsupported')) return 'regex-subset';
  const { campaign } = context;
  if (campaign === 'text' && (left === 'Language' || right === 'Language')) return 'text-grammar';
  // Keys in scopes of blocks. Keys that sign are tested by their signatures.
  if (campaign === 'forged' && left === 'Format.InvalidKey' && hasParsed(ours)) return 'scope-keys';
  if ('Ok' in ours.result || !isFormat(right)) return undefined;
  // Ours refuses the form of the token. Theirs also does, in another step or by another name,
  if (isFormat(left)) return hasParsed(theirs) ? 'blocks-read-at-once' : 'other-refusal';
  // or it continues. Only bytes that no builder writes may cause that.
  if (campaign !== 'forged' && campaign !== 'bytes') return undefined;
  if (detailOf(ours.result.Err)[1] === 'block_version_too_low') return 'block-versions';
  return isStrict(ours.result.Err) ? 'strict-messages' : undefined;
}

export function agreement(theirs: Outcome, ours: Outcome, context: Context): Agreement {
  const verdict = verdictOf(ours);
  if (compareOutcomes(theirs, ours).length === 0) return { kind: 'same', verdict };
  const differences = compareOutcomes(
    canonicalOutcome(theirs),
    canonicalOutcome(unescapedOutcome(ours)),
  );
  if (differences.length === 0) return { kind: 'same', verdict };
  const isOnlyWorld = differences.every(({ aspect }) => aspect === 'world');
  if (isOnlyWorld && (isExecution(verdict) || isLimit(verdict))) {
    return { kind: 'explained', by: 'world-after-refusal' };
  }
  const by = explain(theirs, ours, context);
  return by === undefined ? { kind: 'different', differences } : { kind: 'explained', by };
}
