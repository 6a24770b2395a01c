/**
 * A world: the facts and rules of a token's blocks and of an authorizer, each with its origin, and
 * the facts that the rules derive.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { BiscuitError } from '../../errors.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../../limits.ts';
import type { AuthorizerSource, Block, Fact, PublicKey, Rule, Term } from '../ast.ts';
import { printRule } from '../print/index.ts';
import type { RegexEngine } from '../regex/index.ts';
import { headIsBound } from '../rule.ts';
import { type Bindings, bound } from './bindings.ts';
import { addFact, type FactStore, isNewFact, noFacts, type Origin } from './facts.ts';
import { findCombinations, passes } from './join.ts';
import { type Externs, exceed, fail, type Run, startRun } from './run.ts';
import { AUTHORITY, AUTHORIZER, blockOrigin, ORIGIN_BLOCKS_MAX, trustedOrigins } from './scopes.ts';

/** A block of a verified token. The first one is the authority block. */
export type LoadedBlock = {
  readonly block: Block;
  /** The key of a third-party block, whose signature has been verified. */
  readonly externalKey?: PublicKey | undefined;
  /** That signature. It is the same in every token that the block can be appended to. */
  readonly externalSignature?: Uint8Array | undefined;
};

/** What one authorization is evaluated from: blocks, authorizer, facts and limits. */
export type EvaluationInput = {
  readonly blocks: readonly LoadedBlock[];
  readonly authorizer: AuthorizerSource;
  /**
   * Facts of this request, in addition to the authorizer's, so that the authorizer's text is parsed
   * once.
   */
  readonly facts?: readonly Fact[];
  readonly limits?: Limits;
  readonly externs?: Externs;
  /** Without it `matches` is refused: for callers who know that nothing in the input calls it. */
  readonly regex?: RegexEngine;
};

type LoadedRule = { readonly rule: Rule; readonly own: Origin; readonly trusted: Origin };

/** Loaded facts and rules, for `decide`, `query` and `queryAll`. */
export type World = {
  readonly input: EvaluationInput;
  readonly run: Run;
  readonly store: FactStore;
  readonly rules: readonly LoadedRule[];
  readonly externalKeys: readonly (PublicKey | undefined)[];
  /** The origins that the default scopes trust, by block, the authorizer last. */
  readonly defaults: readonly Origin[];
  /** The outcome of the rules: facts in the store, or the refusal of the whole world. */
  derivation: Result<undefined, BiscuitError> | undefined;
};

/** Loads facts and rules without applying any rule. */
export function loadWorld(input: EvaluationInput): Result<World, BiscuitError> {
  const { blocks, authorizer, limits = DEFAULT_LIMITS, externs = {} } = input;
  const run = startRun(checkLimits(limits), externs, input.regex);
  const blocksMax = Math.min(limits.blocksMax, ORIGIN_BLOCKS_MAX);
  if (blocks.length > blocksMax)
    return refuse({ code: 'limit_exceeded', limit: 'blocksMax', maximum: blocksMax });
  const externalKeys = blocks.map(({ externalKey }) => externalKey);
  const defaults: Origin[] = [];
  const store = noFacts();
  const rules: LoadedRule[] = [];
  const load = (source: Block | AuthorizerSource, own: Origin, blockId: 'authorizer' | number) => {
    const fallback = trustedOrigins(run, source.scopes, own, AUTHORITY, externalKeys);
    defaults.push(fallback);
    for (const fact of source.facts) addFact(store, fact, own);
    for (const rule of source.rules) {
      if (!headIsBound(rule))
        return fail(run, { code: 'rule_unbound', blockId, rule: printRule(rule) });
      const trusted = trustedOrigins(run, rule.scopes, own, fallback, externalKeys);
      rules.push({ rule, own, trusted });
    }
  };
  blocks.forEach(({ block }, blockId) => {
    if (run.failure === undefined) load(block, blockOrigin(blockId), blockId);
  });
  if (run.failure === undefined) load(authorizer, AUTHORIZER, 'authorizer');
  for (const fact of input.facts ?? []) addFact(store, fact, AUTHORIZER);
  if (store.count > limits.factsMax) exceed(run, 'factsMax');
  if (run.failure !== undefined) return refuse(run.failure);
  return ok({ input, run, store, rules, externalKeys, defaults, derivation: undefined });
}

export function instantiate({ head }: Rule, bindings: Bindings): Fact {
  const terms = head.terms.map(
    (term): Term => (term.kind === 'variable' ? (bound(bindings, term.value) ?? term) : term),
  );
  return { name: head.name, terms };
}

/** Applies the rules once. Further calls return the same result. */
export function deriveFacts(world: World): Result<undefined, BiscuitError> {
  world.derivation ??= runRules(world);
  return world.derivation;
}

/**
 * Applies the rules round by round until a round derives nothing new. In a round a rule sees the
 * facts of earlier rounds. A rule is skipped if no fact of its names is new, because it could not
 * derive anything new.
 */
function runRules(world: World): Result<undefined, BiscuitError> {
  const { run, store } = world;
  let fresh: ReadonlySet<string> | undefined;
  for (let round = 1; ; round++) {
    const found = runRound(world, fresh);
    if (found.length === 0 || run.failure !== undefined) break;
    // The reference refuses the round that reaches the limit, not the following one.
    if (round >= run.limits.iterationsMax) exceed(run, 'iterationsMax');
    for (const { fact, origin } of found) addFact(store, fact, origin);
    fresh = new Set(found.map(({ fact }) => fact.name));
  }
  return run.failure === undefined ? ok(undefined) : refuse(run.failure);
}

type Derived = { readonly fact: Fact; readonly origin: Origin };

function runRound(world: World, fresh: ReadonlySet<string> | undefined): readonly Derived[] {
  const { run, store, rules } = world;
  const found: Derived[] = [];
  for (const { rule, own, trusted } of rules) {
    if (fresh !== undefined && !rule.body.some(({ name }) => fresh.has(name))) continue;
    findCombinations(run, store, rule.body, trusted, (origin, bindings) => {
      if (!passes(run, rule, bindings)) return false;
      const derived: Derived = { fact: instantiate(rule, bindings), origin: origin | own };
      if (isNewFact(store, run, derived.fact, derived.origin)) found.push(derived);
      if (found.length > 0 && store.count + found.length >= run.limits.factsMax)
        exceed(run, 'factsMax');
      return false;
    });
    if (run.failure !== undefined) break;
  }
  return found;
}
