import type { JsonScalar } from '../../canonical-json.ts';
import { utf8 } from '../../encoding.ts';
import { anything, type Members, object, optional, readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type AllowedValues, allowedValues } from './allowed-values.ts';
import { type ReadColumn, readArgumentColumns, type ScopeColumns } from './columns.ts';
import type { ScopeError } from './scope-error.ts';
import type { SettledScope } from './settled.ts';

/** A filter on the metadata of vectors: the operators of Cloudflare Vectorize, joined by "and". */
export type VectorizeFilter = Readonly<Record<string, VectorizeCondition>>;

/** A condition on one metadata property. */
export type VectorizeCondition =
  | { readonly $eq: string | number | boolean }
  | { readonly $in: readonly (string | number)[] }
  | {
      readonly $gte?: string | number;
      readonly $lt?: string | number;
      readonly $lte?: string | number;
    };

/** The metadata properties, each with an index, that the bounds of a scope apply to. */
export interface ScopeProperties {
  /**
   * `folder`: a property with the dataset and a slash at its end, such as `crm/contacts/eu/`. It
   * expresses scopes of one dataset. `levels`: properties with the first segment, the first two,
   * and so on (`crm`, `crm/contacts`); a shorter dataset lacks the rest. It expresses scopes whose
   * datasets have equally many segments.
   */
  readonly dataset: { readonly folder: string } | { readonly levels: readonly string[] };
  /** As in `ScopeColumns`. */
  readonly arguments?: ScopeColumns['arguments'];
}

const PROPERTIES: Members<ScopeProperties> = { dataset: object, arguments: optional(object) };
const FILTER_BYTES_MAX = 2_047; // Vectorize accepts less than 2,048 bytes of compact JSON.
const NAME_UNITS_MAX = 512;

/**
 * Vectorize indexes the first 64 bytes of a text, cut at the boundary of a character. A text of at
 * most 60 bytes is therefore never the cut of a longer one.
 */
const TEXT_BYTES_MAX = 60;

/** Returns where the dataset is, and the properties of arguments. Throws a TypeError for others. */
export function readProperties(properties: ScopeProperties): {
  readonly dataset: ScopeProperties['dataset'];
  readonly columns: ReadonlyMap<string, ReadColumn>;
} {
  const { dataset, arguments: given } = readOptions(properties, 'vectorize', PROPERTIES);
  if ('folder' in dataset) readOptions(dataset, 'vectorize: dataset', { folder: anything });
  else readOptions(dataset, 'vectorize: dataset', { levels: anything });
  const columns = readArgumentColumns(given, 'vectorize');
  const levels = 'folder' in dataset ? [dataset.folder] : dataset.levels;
  const names = [...levels, ...[...columns.values()].map(({ name }) => name)];
  if (levels.length === 0 || new Set(names).size < names.length || !names.every(isName)) {
    throw new TypeError(
      'vectorize: every property needs a name of its own, without a dot, a quote or a bar',
    );
  }
  return { dataset, columns };
}

/** A dot would mean a nested property. */
const isName = (name: unknown): boolean =>
  typeof name === 'string' && name.length <= NAME_UNITS_MAX && /^(?!\$)[^".|]+$/.test(name);

export function vectorizeFilter(
  { datasets, values, nothing }: SettledScope,
  dataset: ScopeProperties['dataset'],
): Result<VectorizeFilter, ScopeError> {
  const byName = new Map<string, Condition>();
  for (const { pointer, column, constraint, block, source } of values) {
    const condition = conditionOf(allowedValues(constraint, column), column);
    const before = byName.get(column.name);
    const both = condition.ok && before ? together(before, condition.value) : condition;
    if (!both.ok) {
      return refuse({ code: 'bound_inexpressible', pointer, why: both.error, block, source });
    }
    byName.set(column.name, both.value);
  }
  const isEmpty = nothing || [...byName.values()].some((one) => one.kind === 'none');
  if (isEmpty) return ok(NOTHING('folder' in dataset ? dataset.folder : dataset.levels[0]));
  const place = datasetFilter(datasets, dataset);
  if (!place.ok) return refuse({ code: 'datasets_inexpressible', why: place.error });
  const filter = Object.fromEntries([
    place.value,
    ...[...byName].flatMap(([name, one]) => (one.kind === 'none' ? [] : [[name, one.filter]])),
  ]) as VectorizeFilter;
  const bytes = utf8(JSON.stringify(filter)).length;
  return bytes <= FILTER_BYTES_MAX
    ? ok(filter)
    : refuse({ code: 'filter_too_large', bytes, bytesMax: FILTER_BYTES_MAX });
}

/** No text is both at least `1` and less than `0`. */
const NOTHING = (name = ''): VectorizeFilter => ({ [name]: { $gte: '1', $lt: '0' } });

function datasetFilter(
  datasets: readonly string[],
  dataset: ScopeProperties['dataset'],
): Result<readonly [string, VectorizeCondition], string> {
  const [first, ...others] = datasets;
  if (first === undefined) throw new Error('a scope without a dataset is nothing');
  if ('folder' in dataset) {
    if (others.length > 0) return refuse('several datasets: split the scope, or index levels');
    const start = `${first}/`;
    if (isLong(start)) return refuse('a dataset that is longer than what is indexed');
    // "0" is the character after "/".
    return ok([dataset.folder, { $gte: start, $lt: `${first}0` }]);
  }
  const depth = first.split('/').length;
  const isLevel = datasets.every((name) => name.split('/').length === depth);
  const property = dataset.levels[depth - 1];
  if (!isLevel) return refuse('datasets with unequally many segments: split the scope');
  if (property === undefined) return refuse('a dataset with more segments than there are levels');
  if (datasets.some(isLong)) return refuse('a dataset that is longer than what is indexed');
  return ok([property, others.length === 0 ? { $eq: first } : { $in: datasets }]);
}

type Condition =
  | { readonly kind: 'none' }
  | { readonly kind: 'some'; readonly filter: VectorizeCondition };
const NONE: Condition = { kind: 'none' };
const some = (filter: VectorizeCondition): Condition => ({ kind: 'some', filter });

function conditionOf(allowed: AllowedValues, { form }: ReadColumn): Result<Condition, string> {
  switch (allowed.kind) {
    case 'none':
      return ok(NONE);
    case 'values':
      return valuesCondition(allowed.values);
    case 'range': {
      const { min, max, isInteger } = allowed;
      const needed = isInteger ? ['integer'] : ['integer', 'millionths'];
      if (form === undefined || !needed.includes(form)) {
        return refuse(`the property has no form ${needed.at(-1)}`);
      }
      if (min === undefined && max === undefined) return refuse('any number');
      return ok(
        some({ ...(min !== undefined && { $gte: min }), ...(max !== undefined && { $lte: max }) }),
      );
    }
    case 'affix': {
      const end = allowed.side === 'start' ? after(allowed.text) : undefined;
      if (end === undefined || isLong(allowed.text))
        return refuse('Vectorize has no such operator');
      return ok(some({ $gte: allowed.text, $lt: end }));
    }
    case 'any':
    case 'path':
    case 'present':
    case 'null':
      return refuse('Vectorize has no such operator');
    case 'inexpressible':
      return refuse(allowed.why);
  }
}

function valuesCondition(values: readonly JsonScalar[]): Result<Condition, string> {
  const [first, ...others] = values;
  if (values.some((value) => typeof value === 'string' && isLong(value))) {
    return refuse('a text that is longer than what is indexed');
  }
  if (others.length === 0 && first !== undefined && first !== null) return ok(some({ $eq: first }));
  return ok(some({ $in: values as readonly (string | number)[] }));
}

/** Joins two conditions on one property, which a filter can have only once. */
function together(one: Condition, other: Condition): Result<Condition, string> {
  if (one.kind === 'none' || other.kind === 'none') return ok(NONE);
  const [a, b] = [one.filter, other.filter];
  const [some1, some2] = [valuesOf(a), valuesOf(b)];
  const lists = some1 ?? some2;
  if (lists) {
    const rest = some1 ? b : a;
    const kept = lists.filter((value) => meets(value, rest));
    return kept.length === 0 ? ok(NONE) : valuesCondition(kept);
  }
  return refuse('two ranges of one property');
}

const valuesOf = (filter: VectorizeCondition): readonly JsonScalar[] | undefined =>
  '$eq' in filter ? [filter.$eq] : '$in' in filter ? filter.$in : undefined;

function meets(value: JsonScalar, filter: VectorizeCondition): boolean {
  const listed = valuesOf(filter);
  if (listed) return listed.includes(value);
  const { $gte, $lt, $lte } = filter as Exclude<
    VectorizeCondition,
    { $eq: unknown } | { $in: unknown }
  >;
  const ends = [$gte, $lt, $lte].filter((end) => end !== undefined);
  // A range is of one type, and no value of another type lies in it.
  if (value === null || ends.some((end) => typeof end !== typeof value)) return false;
  return (
    ($gte === undefined || value >= $gte) &&
    ($lt === undefined || value < $lt) &&
    ($lte === undefined || value <= $lte)
  );
}

/** The least text after all that start with `text`, if every order of characters agrees on it. */
function after(text: string): string | undefined {
  const last = text.charCodeAt(text.length - 1);
  const isAscii = last >= 0x20 && last < 0x7e;
  return isAscii ? `${text.slice(0, -1)}${String.fromCharCode(last + 1)}` : undefined;
}

const isLong = (text: string): boolean => utf8(text).length > TEXT_BYTES_MAX;
