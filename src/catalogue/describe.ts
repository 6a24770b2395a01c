import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { checkDataset } from '../capability/index.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Catalogue, DatasetSource, DescribedCall, DescribeError } from './catalogue.ts';

/**
 * What a tool call is, in the words that a verifier decides in. A closed world: an unknown tool, an
 * unlisted argument or a path with two readings is refused, never guessed at or repaired, because
 * the target would read the path as it was written.
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

interface Found {
  readonly pointer: string;
  readonly value: Json;
}

/** What the pointer's segments lead to; at least one value, or a refusal. */
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
  // An empty list names no dataset, and a call without one would be authorised for all of them.
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
 * A path argument below its dataset. The root itself is written `.`, and only so: an empty path is
 * the root to one target and an error to the next.
 */
function toDataset(value: Json, under: string): Result<string, string> {
  if (typeof value !== 'string') return refuse('not a text');
  if (value === '.') return ok(under);
  if (value === '') return refuse('empty');
  if (value.startsWith('/')) return refuse('an absolute path');
  const dataset = checkDataset(`${under}/${value}`);
  return dataset.ok ? dataset : refuse(dataset.error.why);
}
