import { expecting, type Members, readOptions } from '../options.ts';

/**
 * Every limit of the Biscuit engine. Limits are deterministic counts and never times: a Worker's
 * clock stands still while it computes, and two verifiers must decide the same token in the same
 * way.
 *
 * A token that exceeds a limit is refused with `limit_exceeded`, which names the limit.
 */
export type Limits = {
  /** Bytes of a serialized token. Most front ends refuse headers beyond about 16 KiB anyway. */
  readonly tokenBytesMax: number;
  /**
   * Blocks, including the authority block. Each origin is one bit of a small integer: 29 at most.
   */
  readonly blocksMax: number;
  /** Symbols declared by all blocks of one token together. */
  readonly symbolsMax: number;
  /** Public keys declared for scopes by all blocks of one token together. */
  readonly publicKeysMax: number;
  /** Facts in the world, given and derived. The reference has the same default. */
  readonly factsMax: number;
  /** Rounds of rule evaluation. The reference has the same default. */
  readonly iterationsMax: number;
  /** Facts tried against a predicate in one authorization, over all rules, checks and policies. */
  readonly joinStepsMax: number;
  /** Instructions of expressions, and elements visited inside them, in one authorization. */
  readonly expressionStepsMax: number;
  /** Nesting depth of closures, as in `a && (b && (c && …))`. */
  readonly closureDepthMax: number;
  /** Nesting depth of arrays, maps and sets. */
  readonly termDepthMax: number;
  /** Items of one set, array or map, and terms of one predicate. */
  readonly collectionItemsMax: number;
  /** UTF-16 units of text and bytes of byte strings that one authorization compares or creates. */
  readonly stringUnitsMax: number;
  /** UTF-8 bytes of one regular expression. */
  readonly regexPatternBytesMax: number;
  /**
   * Instructions of one compiled regular expression; `(a{99}){99}` is a short text and a large
   * program.
   */
  readonly regexProgramMax: number;
  /**
   * Instructions × characters over all `matches` of one authorization, plus compiled instructions.
   */
  readonly regexStepsMax: number;
  /** UTF-16 units of Datalog text passed to the parser. */
  readonly sourceCharsMax: number;
  /** Nesting depth of parentheses, closures and collections in Datalog text. */
  readonly sourceDepthMax: number;
};

/** The limits of a caller that passes none. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  tokenBytesMax: 16_384,
  blocksMax: 24,
  symbolsMax: 2_048,
  publicKeysMax: 64,
  factsMax: 1_000,
  iterationsMax: 100,
  joinStepsMax: 100_000,
  expressionStepsMax: 100_000,
  closureDepthMax: 16,
  termDepthMax: 16,
  collectionItemsMax: 1_000,
  stringUnitsMax: 500_000,
  regexPatternBytesMax: 1_024,
  regexProgramMax: 2_000,
  regexStepsMax: 200_000,
  sourceCharsMax: 262_144,
  sourceDepthMax: 64,
});

const bound = expecting(
  'a number of at least 0',
  (value) => typeof value === 'number' && value >= 0,
);
const MEMBERS = Object.fromEntries(
  Object.keys(DEFAULT_LIMITS).map((name) => [name, bound]),
) as Members<Limits>;

/** Every token passes through here, nearly always with one of a few sets of limits. */
const known = new WeakSet<Limits>([DEFAULT_LIMITS]);

/**
 * Returns `limits` if all of them are present, and throws a TypeError otherwise. Without this check
 * a misspelt limit would be no limit, because no number is greater than `undefined`.
 */
export function checkLimits(limits: Limits): Limits {
  if (known.has(limits)) return limits;
  known.add(readOptions(limits, 'limits', MEMBERS));
  return limits;
}
