import { expecting, type Members, readOptions } from '../options.ts';

/**
 * Every limit of the Biscuit engine: deterministic counts, never a clock, because a Worker's clock
 * stands still while it computes, and because two verifiers must give one answer to one token.
 *
 * A token that exceeds a limit is refused with `limit_exceeded`, which names the limit.
 */
export type Limits = {
  /** Bytes of a serialised token. Front ends refuse headers beyond 16 KiB or so anyway. */
  readonly tokenBytesMax: number;
  /** Blocks including the authority block. One origin is one bit of a small integer: 29 at most. */
  readonly blocksMax: number;
  /** Symbols that the blocks of one token declare, all together. */
  readonly symbolsMax: number;
  /** Public keys that the blocks of one token declare for scopes, all together. */
  readonly publicKeysMax: number;
  /** Facts in the world, given and derived; the reference's default. */
  readonly factsMax: number;
  /** Rounds of rule evaluation; the reference's default. */
  readonly iterationsMax: number;
  /** Facts tried against a predicate in one authorization, over all rules, checks and policies. */
  readonly joinStepsMax: number;
  /** Instructions of expressions, and elements visited inside one, in one authorization. */
  readonly expressionStepsMax: number;
  /** Closures inside closures. `a && (b && (c && …))` is such a tower. */
  readonly closureDepthMax: number;
  /** Arrays, maps and sets inside arrays and maps. */
  readonly termDepthMax: number;
  /** Items of one set, array or map, and terms of one predicate. */
  readonly collectionItemsMax: number;
  /** UTF-16 units of text and bytes of byte strings that one authorization compares or makes. */
  readonly stringUnitsMax: number;
  /** UTF-8 bytes of one regular expression. */
  readonly regexPatternBytesMax: number;
  /**
   * Instructions of one compiled regular expression; `(a{99}){99}` is small text, large program.
   */
  readonly regexProgramMax: number;
  /**
   * Instructions × characters, over all `matches` of one authorization, and compiled instructions.
   */
  readonly regexStepsMax: number;
  /** UTF-16 units of Datalog text given to the parser. */
  readonly sourceCharsMax: number;
  /** Parentheses, closures and collections inside one another in Datalog text. */
  readonly sourceDepthMax: number;
};

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

/** Every token comes by here, and nearly all of them with the same few sets of limits. */
const known = new WeakSet<Limits>([DEFAULT_LIMITS]);

/**
 * Returns `limits` where all of them are there. Throws a TypeError otherwise: no count is over a
 * limit that is misspelt, because no number is greater than `undefined`.
 */
export function checkLimits(limits: Limits): Limits {
  if (known.has(limits)) return limits;
  known.add(readOptions(limits, 'limits', MEMBERS));
  return limits;
}
