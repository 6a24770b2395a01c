import type { Json } from '../canonical-json.ts';
import type { Constraint } from '../capability/index.ts';
import type { LearnSettings } from './proposal.ts';
import { commonDestination, commonStructure } from './text-structure.ts';

/** One recorded value, and the record that has it. */
export interface Recorded {
  readonly record: string;
  readonly value: Json;
  /** What counts once: the workflow, or the task of a profile for many tasks. */
  readonly unit: string;
}

/** A bound of an argument that the records support. */
export interface Bound {
  readonly constraint: Constraint;
  /** Present if it allows more than the recorded values: why the records support that. */
  readonly why?: string;
}

type Scalar = string | number | boolean | null;

const ONE_OF_MAX = 64;
const ONE_OF_TEXT_BYTES_MAX = 512;
/** Of the records of a set, the share whose value was seen only once, above which it is open. */
const NOVELTY_MAX = 0.05;
/** Between two identifiers lies nothing that the records support. */
const IDENTIFIER = /(?:^|[_-])(?:id|no|nr|number|account|code)s?$|[a-z]Id$/i;
/** Distinct values above which a set of destinations is examined for what they share. */
const DESTINATIONS_LISTED_MAX = 8;

/**
 * Returns a bound for a sink: the recorded values themselves, or what tells their destination from
 * others. Undefined if they have nothing in common that a policy could state.
 */
export function boundSink(
  name: string,
  recorded: readonly Recorded[],
  settings: LearnSettings,
): Bound | undefined {
  const filled = recorded.filter(({ value }) => !isEmpty(value));
  if (filled.length === 0) return { constraint: { empty: true } };
  // The empty list is a subset of any other.
  const isOfLists = recorded.every(({ value }) => Array.isArray(value));
  if (filled.length === recorded.length || isOfLists) return boundFilled(name, recorded, settings);
  const bound = boundFilled(name, filled, settings);
  if (!bound || !SIMPLE.some((kind) => kind in bound.constraint)) return undefined;
  return { ...bound, constraint: { anyOf: [{ empty: true }, bound.constraint] } as Constraint };
}

/** Frameworks send these for an argument that a model left out. */
const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Bounds that can be one of several alternatives. */
const SIMPLE = ['oneOf', 'matches', 'url', 'number', 'exact'] as const;

function boundFilled(
  name: string,
  recorded: readonly Recorded[],
  settings: LearnSettings,
): Bound | undefined {
  const values = recorded.map(({ value }) => value);
  if (values.every(Array.isArray)) {
    const elements = recorded.flatMap(({ record, unit, value }) =>
      (value as readonly Json[]).map((element) => ({ record, unit, value: element })),
    );
    return boundElements(elements, settings);
  }
  if (values.every((value) => typeof value === 'string'))
    return boundTexts(values, recorded, settings);
  if (values.every((value) => typeof value === 'number')) {
    return boundNumbers(recorded, settings, name);
  }
  return sameValue(values);
}

function boundElements(elements: readonly Recorded[], settings: LearnSettings): Bound | undefined {
  const values = elements.map(({ value }) => value);
  if (!values.every((value) => typeof value === 'string')) return undefined;
  const bound = boundTexts(values, elements, settings);
  if (!bound) return undefined;
  const { constraint, why } = bound;
  if ('oneOf' in constraint) return { constraint: { subsetOf: constraint.oneOf } as Constraint };
  return { constraint: { every: constraint } as Constraint, ...(why !== undefined && { why }) };
}

function boundTexts(
  values: readonly string[],
  recorded: readonly Recorded[],
  { support }: LearnSettings,
): Bound | undefined {
  const distinct = [...new Set(values)].sort();
  const records = new Set(recorded.map(({ record }) => record));
  const isMany = distinct.length > DESTINATIONS_LISTED_MAX && records.size >= support;
  const shared = isMany ? commonDestination(distinct) : undefined;
  return shared ?? listed(distinct);
}

function listed(distinct: readonly string[]): Bound | undefined {
  const isShort = distinct.every(
    (text) => new TextEncoder().encode(text).length <= ONE_OF_TEXT_BYTES_MAX,
  );
  if (!isShort || distinct.length > ONE_OF_MAX) return undefined;
  return { constraint: { oneOf: [...distinct] } };
}

/**
 * Returns a range: of the recorded numbers and, if enough records have different ones, with a
 * margin. Datalog has no fractions, so its ends are whole numbers. It never changes the sign.
 */
function boundNumbers(
  recorded: readonly Recorded[],
  { support, margin }: LearnSettings,
  name: string,
): Bound | undefined {
  const numbers = recorded.map(({ value }) => value as number);
  const distinct = [...new Set(numbers)].sort((a, b) => a - b);
  const isWhole = distinct.every(Number.isSafeInteger);
  const isListed = distinct.length < support || IDENTIFIER.test(name);
  if (isWhole && isListed && distinct.length <= ONE_OF_MAX) {
    return { constraint: { oneOf: distinct } };
  }
  const [low = 0, high = 0] = [distinct[0], distinct.at(-1)];
  const isSupported = distinct.length >= support;
  const wider = isSupported ? margin * Math.max(Math.abs(low), Math.abs(high)) : 0;
  const min = low >= 0 ? Math.max(0, Math.floor(low - wider)) : Math.floor(low - wider);
  const max = high <= 0 ? Math.min(0, Math.ceil(high + wider)) : Math.ceil(high + wider);
  if (!Number.isSafeInteger(min) || !Number.isSafeInteger(max)) return undefined;
  const beyond = isSupported
    ? `a range of ${distinct.length} different numbers, ${margin * 100} % wider than they are`
    : 'the whole numbers around fractions, which a policy cannot state';
  return { constraint: { number: { min, max } }, why: beyond };
}

const sameValue = (values: readonly Json[]): Bound | undefined => {
  const [first] = values;
  const isScalar = first === null || typeof first === 'boolean';
  return isScalar && values.every((value) => value === first)
    ? { constraint: { exact: first as Scalar } as Constraint }
    : undefined;
};

/**
 * Returns a bound for an argument that is no sink, if enough records show one: a set in which
 * hardly any value is new, a range, or what all texts have in common. Otherwise it stays free: it
 * is content, and a value that was never seen is normal.
 */
export function boundContent(
  name: string,
  recorded: readonly Recorded[],
  settings: LearnSettings,
): Bound | undefined {
  if (new Set(recorded.map(({ unit }) => unit)).size < settings.boundFrom) return undefined;
  const values = recorded.map(({ value }) => value);
  if (values.every((value) => typeof value === 'number')) {
    const bound = boundNumbers(recorded, settings, name);
    return bound && 'number' in bound.constraint ? bound : settledSet(recorded, bound);
  }
  if (!values.every((value) => typeof value === 'string'))
    return settledSet(recorded, sameValue(values));
  const texts = values as readonly string[];
  const distinct = [...new Set(texts)].sort();
  const set = settledSet(recorded, listed(distinct));
  if (set) return set;
  return distinct.length >= settings.support ? commonStructure(distinct) : undefined;
}

/** A value of one unit only is new there, however often that unit repeats it. */
function settledSet(recorded: readonly Recorded[], bound: Bound | undefined): Bound | undefined {
  const units = new Map<string, Set<string>>();
  for (const { value, unit } of recorded) {
    const key = JSON.stringify(value);
    units.set(key, (units.get(key) ?? new Set()).add(unit));
  }
  const sizes = [...units.values()].map(({ size }) => size);
  const seen = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.filter((size) => size === 1).length / seen <= NOVELTY_MAX ? bound : undefined;
}
