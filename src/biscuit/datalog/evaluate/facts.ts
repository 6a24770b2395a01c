/**
 * The facts of a world, by name, each with its origin: the blocks without which it would not exist.
 * An origin is a set of bits in a small integer (bit 0 the authorizer, bit i + 1 block i).
 */
import type { Fact, Term } from '../ast.ts';
import { spendTerm } from './equality.ts';
import type { Run } from './run.ts';

export type Origin = number;

/** The places of the facts whose term at one position has one value. */
type Index = Map<unknown, number[]>;

export type Bucket = {
  readonly facts: Fact[];
  readonly origins: Origin[];
  /** By position of the term; made when a join asks for it, dropped when facts are added. */
  readonly indexes: Map<number, Index>;
};

export type FactStore = {
  readonly buckets: Map<string, Bucket>;
  /** Origin and content of every fact of the names that a rule has derived. */
  readonly keys: Map<string, Set<string>>;
  count: number;
};

export const noFacts = (): FactStore => ({ buckets: new Map(), keys: new Map(), count: 0 });

/** Without a look for duplicates: the same fact twice changes no answer, and a fact is cheap. */
export function addFact(store: FactStore, fact: Fact, origin: Origin): void {
  const bucket = store.buckets.get(fact.name);
  if (bucket === undefined) {
    store.buckets.set(fact.name, { facts: [fact], origins: [origin], indexes: new Map() });
  } else {
    bucket.facts.push(fact);
    bucket.origins.push(origin);
    bucket.indexes.clear();
  }
  store.count++;
}

const NONE: readonly number[] = [];

/** True for terms that are equal exactly where their values are identical. */
export const isIndexed = ({ kind }: Term): boolean =>
  kind === 'string' || kind === 'integer' || kind === 'date' || kind === 'bool';

/**
 * The places of the facts that can have `term` at `position`, which must be indexed. Another kind
 * of term may have the same value: the facts are still to be compared.
 */
export function placesOf(
  bucket: Bucket,
  position: number,
  term: Term,
  made: (steps: number) => void,
): readonly number[] {
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

// The length stands before the text, so that no text can look like the end of a term.
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

/** Equal exactly for equal lists of terms. */
export const termsKey = (terms: readonly Term[]): string => terms.map(termKey).join('');

/** The same, charged; undefined where the limits end it. */
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

/** True for a fact that this origin does not have yet, which is then known as if it were added. */
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
