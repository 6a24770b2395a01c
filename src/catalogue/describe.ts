import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { checkDataset } from '../capability/index.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Catalogue, DatasetSource, DescribedCall, DescribeError } from './catalogue.ts';

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
  if (!entry) return refuse({ code: 'tool_unknown' });
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
  const { action, tier } = entry;
  return ok({ tool, action, tier, dataset: [...datasets], args });
}

function datasetsOf(
  source: DatasetSource,
  args: JsonObject,
): Result<readonly string[], DescribeError> {
  if ('fixed' in source) return ok([source.fixed]);
  const values = resolve(args, readPointer(source.argument) ?? [], '');
  if (!values.ok) return values;
  const datasets: string[] = [];
  for (const { pointer, value } of values.value) {
    const dataset = toDataset(value, source.under);
    if (!dataset.ok) return refuse({ code: 'dataset_unmappable', pointer, why: dataset.error });
    datasets.push(dataset.value);
  }
  return ok(datasets);
}

/** A value in the arguments, and where it is. */
interface Found {
  readonly pointer: string;
  readonly value: Json;
}

/** Returns the values that the pointer's segments lead to; at least one. */
function resolve(
  value: Json,
  segments: readonly string[],
  pointer: string,
): Result<readonly Found[], DescribeError> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return ok([{ pointer, value }]);
  if (segment === EACH_ELEMENT) return resolveEach(value, rest, pointer);
  if (!isJsonObject(value)) {
    return refuse({ code: 'dataset_unmappable', pointer, why: 'not an object' });
  }
  const inner = pointerTo(pointer, segment);
  const member = Object.hasOwn(value, segment) ? value[segment] : undefined;
  if (member === undefined) return refuse({ code: 'dataset_missing', pointer: inner });
  return resolve(member, rest, inner);
}

function resolveEach(
  value: Json,
  rest: readonly string[],
  pointer: string,
): Result<readonly Found[], DescribeError> {
  if (!Array.isArray(value)) {
    return refuse({ code: 'dataset_unmappable', pointer, why: 'not an array' });
  }
  // An empty list names no dataset, and a call without one would be authorized for all datasets.
  if (value.length === 0) return refuse({ code: 'dataset_missing', pointer });
  const found: Found[] = [];
  for (const [index, item] of value.entries()) {
    const inner = resolve(item, rest, pointerTo(pointer, index));
    if (!inner.ok) return inner;
    found.push(...inner.value);
  }
  return ok(found);
}

/**
 * Returns the dataset of a path argument. Only `.` means the root itself: an empty path is the root
 * to some targets and an error to others.
 */
function toDataset(value: Json, under: string): Result<string, string> {
  if (typeof value !== 'string') return refuse('not a string');
  if (value === '.') return ok(under);
  if (value === '') return refuse('empty');
  if (value.startsWith('/')) return refuse('an absolute path');
  const dataset = checkDataset(`${under}/${value}`);
  return dataset.ok ? dataset : refuse(dataset.error.why);
}
