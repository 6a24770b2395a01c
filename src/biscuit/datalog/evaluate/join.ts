/**
 * Finds the combinations of facts that match a body. Each fact tried is one join step. Every
 * combination is visited unless the visitor stops: an error in one of them must deny, whichever is
 * found first.
 */
import type { Predicate, Query, Term } from '../ast.ts';
import { type Bindings, bind, bound, lookupCost, noBindings, release } from './bindings.ts';
import { equalTerms } from './equality.ts';
import { evaluateExpression } from './expression.ts';
import { type Bucket, type FactStore, isIndexed, type Origin, placesOf } from './facts.ts';
import { invalidType } from './operators.ts';
import { exceed, type Run } from './run.ts';

/** Called for each combination, with the origins of its facts. Returning true stops the search. */
type Visit = (origin: Origin, bindings: Bindings) => boolean;

type Search = {
  readonly run: Run;
  readonly store: FactStore;
  readonly body: readonly Predicate[];
  readonly trusted: Origin;
  readonly bindings: Bindings;
  readonly visit: Visit;
};

export function findCombinations(
  run: Run,
  store: FactStore,
  body: readonly Predicate[],
  trusted: Origin,
  visit: Visit,
): void {
  extend({ run, store, body, trusted, bindings: noBindings(), visit }, 0, 0);
}

// With fewer facts than this, checking each of them is faster than an index.
const INDEXED_FACTS_MIN = 8;

/**
 * Returns the positions in the bucket that can match the bound terms of the predicate; undefined
 * for all.
 */
function candidates(
  { run, bindings }: Search,
  bucket: Bucket,
  { terms }: Predicate,
): readonly number[] | undefined {
  if (bucket.facts.length < INDEXED_FACTS_MIN) return undefined;
  for (const [position, term] of terms.entries()) {
    const known = term.kind === 'variable' ? bound(bindings, term.value) : term;
    if (known === undefined || !isIndexed(known)) continue;
    return placesOf(bucket, position, known, (steps) => {
      run.joinSteps += steps;
    });
  }
  return undefined;
}

/** Returns true if the search is over, because the visitor stopped it or the run has failed. */
function extend(search: Search, depth: number, origin: Origin): boolean {
  const { run, bindings, trusted } = search;
  const predicate = search.body[depth];
  if (predicate === undefined) return search.visit(origin, bindings) || run.failure !== undefined;
  const bucket = search.store.buckets.get(predicate.name);
  if (bucket === undefined) return false;
  const { facts, origins } = bucket;
  const places = candidates(search, bucket, predicate);
  const count = places?.length ?? facts.length;
  const mark = bindings.count;
  for (let i = 0; i < count; i++) {
    if (++run.joinSteps > run.limits.joinStepsMax) {
      exceed(run, 'joinStepsMax');
      return true;
    }
    const place = places === undefined ? i : (places[i] ?? 0);
    const fact = facts[place];
    const factOrigin = origins[place];
    if (fact === undefined || factOrigin === undefined || (factOrigin & ~trusted) !== 0) continue;
    const matched = matchTerms(run, bindings, predicate.terms, fact.terms);
    if (run.failure !== undefined) return true;
    if (matched && extend(search, depth + 1, origin | factOrigin)) return true;
    release(bindings, mark);
  }
  return false;
}

function matchTerms(
  run: Run,
  bindings: Bindings,
  pattern: readonly Term[],
  terms: readonly Term[],
): boolean {
  if (pattern.length !== terms.length) return false;
  for (let i = 0; i < terms.length; i++) {
    const wanted = pattern[i];
    const term = terms[i];
    // A token may contain a fact with a variable in it. Such a fact matches nothing.
    if (wanted === undefined || term === undefined || term.kind === 'variable') return false;
    if (wanted.kind !== 'variable') {
      if (!equalTerms(run, wanted, term)) return false;
      continue;
    }
    const known = bound(bindings, wanted.value);
    run.joinSteps += lookupCost(bindings);
    if (known === undefined) bind(bindings, wanted.value, term);
    else if (!equalTerms(run, known, term)) return false;
  }
  return true;
}

/**
 * Returns whether all expressions are true; undefined on an error or a value that is not a boolean.
 */
export function passes(run: Run, query: Query, bindings: Bindings): boolean | undefined {
  for (const expression of query.expressions) {
    const result = evaluateExpression(run, bindings, expression);
    if (result === undefined) return undefined;
    if (result.kind !== 'bool') return invalidType(run);
    if (!result.value) return false;
  }
  return true;
}

/**
 * Returns whether some combination passes. Without expressions none can fail, so the first is
 * enough.
 */
export function matchesAny(run: Run, store: FactStore, query: Query, trusted: Origin): boolean {
  let matched = false;
  findCombinations(run, store, query.body, trusted, (_, bindings) => {
    matched = (passes(run, query, bindings) ?? false) || matched;
    return matched && query.expressions.length === 0;
  });
  return matched;
}

/** Returns whether there is a combination and every combination passes. */
export function matchesAll(run: Run, store: FactStore, query: Query, trusted: Origin): boolean {
  let found = false;
  let passed = true;
  findCombinations(run, store, query.body, trusted, (_, bindings) => {
    found = true;
    passed = (passes(run, query, bindings) ?? false) && passed;
    return query.expressions.length === 0;
  });
  return found && passed;
}
