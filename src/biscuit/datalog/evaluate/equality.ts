/** Equality and membership. Both are charged, because comparing two large terms is work. */
import type { MapEntry, MapKey, Term } from '../ast.ts';
import { type Run, spendSteps, spendUnits } from './run.ts';

// Below this many units a comparison costs no more than the step that it is part of.
const FREE_UNITS = 32;

const equalText = (run: Run, a: string, b: string): boolean =>
  a.length === b.length && (a.length <= FREE_UNITS || spendUnits(run, a.length)) && a === b;

function equalBytes(run: Run, a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || !spendUnits(run, a.length)) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function unitsOf(term: Term): number {
  switch (term.kind) {
    case 'string':
    case 'bytes':
      return term.value.length;
    case 'set':
    case 'array':
      return term.value.reduce((units, item) => units + 1 + unitsOf(item), 0);
    case 'map':
      return term.value.reduce(
        (units, { key, value }) => units + 1 + unitsOf(key) + unitsOf(value),
        0,
      );
    default:
      return 1;
  }
}

/** Charges a term that is about to be sorted or written. */
export const spendTerm = (run: Run, term: Term): boolean => spendUnits(run, unitsOf(term));

/** Compares by index, for lists, whose order matters. */
export function equalItems(
  run: Run,
  a: readonly Term[],
  b: readonly Term[],
  offset: number,
): boolean {
  for (let i = 0; i < b.length; i++) {
    const left = a[i + offset];
    const right = b[i];
    if (left === undefined || right === undefined) return false;
    if (!spendSteps(run, 1) || !equalTerms(run, left, right)) return false;
  }
  return true;
}

export function containsTerm(run: Run, items: readonly Term[], wanted: Term): boolean {
  if (!spendSteps(run, items.length)) return false;
  for (const item of items) if (equalTerms(run, item, wanted)) return true;
  return false;
}

export function containsAll(run: Run, items: readonly Term[], wanted: readonly Term[]): boolean {
  for (const one of wanted) if (!containsTerm(run, items, one)) return false;
  return true;
}

export function entryOf(run: Run, entries: readonly MapEntry[], key: MapKey): MapEntry | undefined {
  if (!spendSteps(run, entries.length)) return undefined;
  return entries.find((entry) => equalTerms(run, entry.key, key));
}

function equalEntries(run: Run, a: readonly MapEntry[], b: readonly MapEntry[]): boolean {
  if (a.length !== b.length) return false;
  for (const { key, value } of a) {
    const other = entryOf(run, b, key);
    if (other === undefined || !equalTerms(run, value, other.value)) return false;
  }
  return true;
}

/** Also returns false if a limit ended the comparison; `run.failure` is then set. */
export function equalTerms(run: Run, a: Term, b: Term): boolean {
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'string':
      return equalText(run, a.value, b.value as string);
    case 'bytes':
      return equalBytes(run, a.value, b.value as Uint8Array);
    case 'set': {
      const other = b.value as readonly Term[];
      return a.value.length === other.length && containsAll(run, a.value, other);
    }
    case 'array': {
      const other = b.value as readonly Term[];
      return a.value.length === other.length && equalItems(run, a.value, other, 0);
    }
    case 'map':
      return equalEntries(run, a.value, b.value as readonly MapEntry[]);
    default:
      return a.value === b.value;
  }
}
