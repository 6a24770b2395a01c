/**
 * The facts of a world by name, each with its origin: the blocks that it depends on. An origin is a
 * bit set in a small integer (bit 0 is the authorizer, bit i + 1 is block i).
 */
import type { Fact, Term } from '../ast.ts';
import { spendTerm } from './equality.ts';
import type { Run } from './run.ts';

export type Origin = number;

/** The positions of the facts whose term at one position has a given value. */
type Index = Map<unknown, number[]>;

export type Bucket = {
  readonly facts: Fact[];
  readonly origins: Origin[];
  /** By position of the term. Built when a join needs it, dropped when facts are added. */
  indexes: Map<number, Index> | undefined;
};

export type FactStore = {
  readonly buckets: Map<string, Bucket>;
  /** Origin and content of every fact whose name a rule has derived. */
  readonly keys: Map<string, Set<string>>;
  count: number;
};

export const noFacts = (): FactStore => ({ buckets: new Map(), keys: new Map(), count: 0 });

/**
 * Adds a fact without checking for duplicates: a duplicate changes no answer, and a fact is cheap.
 */
export function addFact(store: FactStore, fact: Fact, origin: Origin): void {
  const bucket = store.buckets.get(fact.name);
  if (bucket === undefined) {
    store.buckets.set(fact.name, { facts: [fact], origins: [origin], indexes: undefined });
  } else {
    bucket.facts.push(fact);
    bucket.origins.push(origin);
    bucket.indexes = undefined;
  }
  store.count++;
}

const NONE: readonly number[] = [];

/** Returns true for terms that are equal exactly if their values are identical. */
export const isIndexed = ({ kind }: Term): boolean =>
  kind === 'string' || kind === 'integer' || kind === 'date' || kind === 'bool';

/**
 * Returns the positions of the facts that can have `term` at `position`, which must be indexed. A
 * term of another kind can have the same value, so the facts must still be compared.
 */
export function placesOf(
  bucket: Bucket,
  position: number,
  term: Term,
  made: (steps: number) => void,
): readonly number[] {
  bucket.indexes ??= new Map();
  let index = bucket.indexes.get(position);
  if (index === undefined) {
    index = new Map();
    made(bucket.facts.length);
    for (const [place, { terms }] of bucket.facts.entries()) {
      const value = terms[position]?.value;
      const places = index.get(value);
      if (places === undefined) index.set(value, [place]);
      else places.push(place);
    }
    bucket.indexes.set(position, index);
  }
  return index.get(term.value) ?? NONE;
}

// The length precedes the text, so that no text can look like the end of a term.
function termKey(term: Term): string {
  switch (term.kind) {
    case 'string':
    case 'variable':
      return `${term.kind === 'string' ? 's' : 'v'}${term.value.length}:${term.value}`;
    case 'integer':
      return `i${term.value};`;
    case 'date':
      return `d${term.value};`;
    case 'bytes':
      return `h${term.value.join()};`;
    case 'bool':
      return term.value ? 't' : 'f';
    case 'null':
      return 'n';
    case 'set':
      return `{${term.value.map(termKey).sort().join('')}}`;
    case 'array':
      return `[${term.value.map(termKey).join('')}]`;
    case 'map':
      return `(${term.value
        .map(({ key, value }) => termKey(key) + termKey(value))
        .sort()
        .join('')})`;
  }
}

/** Two keys are equal exactly if the lists of terms are equal. */
const termsKey = (terms: readonly Term[]): string => terms.map(termKey).join('');

/** Does the same and charges for it; returns undefined if a limit ends it. */
export function spendKey(run: Run, terms: readonly Term[]): string | undefined {
  return spendTerm(run, { kind: 'array', value: terms }) ? termsKey(terms) : undefined;
}

function keysOf(store: FactStore, run: Run, name: string): Set<string> | undefined {
  const known = store.keys.get(name);
  if (known !== undefined) return known;
  const keys = new Set<string>();
  const { facts = [], origins = [] } = store.buckets.get(name) ?? {};
  for (const [i, { terms }] of facts.entries()) {
    const key = spendKey(run, terms);
    if (key === undefined) return undefined;
    keys.add(`${origins[i]}|${key}`);
  }
  store.keys.set(name, keys);
  return keys;
}

/** Returns true for a fact that this origin does not have yet, and then counts it as present. */
export function isNewFact(
  store: FactStore,
  run: Run,
  { name, terms }: Fact,
  origin: Origin,
): boolean {
  const keys = keysOf(store, run, name);
  const key = spendKey(run, terms);
  if (keys === undefined || key === undefined) return false;
  const whole = `${origin}|${key}`;
  if (keys.has(whole)) return false;
  keys.add(whole);
  return true;
}
