import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';
import type {
  Catalogue,
  CatalogueTool,
  DatasetInArgument,
  DatasetSource,
  DescribedCall,
  DescribeError,
} from './catalogue.ts';
import { datasetOf } from './dataset-text.ts';
import { isOffer } from './offers/offers.ts';

/**
 * Returns the action, datasets and tier of a tool call, as a verifier needs them.
 *
 * The world is closed. An unknown tool, an unlisted argument and a path with two readings are
 * refused, never guessed or repaired: the target reads the path as it was written.
 *
 * @example
 * ```ts
 * import { describeCall } from 'hewn/catalogue';
 *
 * const call = describeCall(catalogue, 'mcp/files/read_text_file', { path: 'reports/q3.md' });
 * if (!call.ok) throw new Error(call.error.code);
 * console.log(call.value.dataset); // ['files/reports/q3.md']
 * ```
 */
export function describeCall(
  catalogue: Catalogue,
  tool: string,
  args: JsonObject,
): Result<DescribedCall, DescribeError> {
  const entry = catalogue.get(tool);
  return !entry || isOffer(entry) ? refuse({ code: 'tool_unknown' }) : describeEntry(entry, args);
}

/** Describes a call of an entry, whichever message it is. */
export function describeEntry(
  entry: CatalogueTool,
  args: JsonObject,
): Result<DescribedCall, DescribeError> {
  const unlisted = Object.keys(args).find((name) => !entry.arguments.includes(name));
  if (unlisted !== undefined) {
    return refuse({ code: 'argument_unlisted', pointer: pointerTo('', unlisted) });
  }
  const datasets = new Set<string>();
  for (const source of entry.datasets) {
    const found = datasetsOf(source, args);
    if (!found.ok) return found;
    for (const dataset of found.value) datasets.add(dataset);
  }
  const { name: tool, action, tier, content } = entry;
  const dataset = [...datasets];
  return ok({ tool, action, tier, dataset, args, ...(content && { content }) });
}

function datasetsOf(
  source: DatasetSource,
  args: JsonObject,
): Result<readonly string[], DescribeError> {
  if ('fixed' in source) return ok([source.fixed]);
  const values = resolve(args, readPointer(source.argument) ?? [], '', source);
  if (!values.ok) return values;
  const datasets: string[] = [];
  for (const { pointer, value } of values.value) {
    const dataset = value === undefined ? ok(source.default ?? '') : datasetOf(value, source);
    if (!dataset.ok) return refuse({ code: 'dataset_unmappable', pointer, why: dataset.error });
    datasets.push(dataset.value);
  }
  return ok(datasets);
}

/** A value in the arguments, and where it is. Undefined for one that the tool has a default for. */
interface Found {
  readonly pointer: string;
  readonly value: Json | undefined;
}

type Resolved = Result<readonly Found[], DescribeError>;
type Defaults = Pick<DatasetInArgument, 'default' | 'emptyIsDefault'>;

/** Returns the values that the pointer's segments lead to; at least one. */
function resolve(
  value: Json,
  segments: readonly string[],
  pointer: string,
  defaults: Defaults,
): Resolved {
  const hasDefault = defaults.default !== undefined;
  if (hasDefault && defaults.emptyIsDefault && isEmpty(value)) {
    return ok([{ pointer, value: undefined }]);
  }
  const [segment, ...rest] = segments;
  if (segment === undefined) return ok([{ pointer, value }]);
  if (segment === EACH_ELEMENT) return resolveEach(value, rest, pointer, defaults);
  if (!isJsonObject(value)) {
    return refuse({ code: 'dataset_unmappable', pointer, why: 'not an object' });
  }
  const inner = pointerTo(pointer, segment);
  const member = Object.hasOwn(value, segment) ? value[segment] : undefined;
  if (member !== undefined) return resolve(member, rest, inner, defaults);
  return hasDefault
    ? ok([{ pointer: inner, value: undefined }])
    : refuse({ code: 'dataset_missing', pointer: inner });
}

function resolveEach(
  value: Json,
  rest: readonly string[],
  pointer: string,
  defaults: Defaults,
): Resolved {
  if (!Array.isArray(value)) {
    return refuse({ code: 'dataset_unmappable', pointer, why: 'not an array' });
  }
  // An empty list names no dataset, and a call without one would be authorized for all datasets.
  if (value.length === 0) return refuse({ code: 'dataset_missing', pointer });
  const found: Found[] = [];
  for (const [index, item] of value.entries()) {
    // JSON writes the holes of a list as null.
    const inner = resolve(item ?? null, rest, pointerTo(pointer, index), defaults);
    if (!inner.ok) return inner;
    found.push(...inner.value);
  }
  return ok(found);
}

const isEmpty = (value: Json): boolean =>
  value === null || value === '' || (Array.isArray(value) && value.length === 0);
