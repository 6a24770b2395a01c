import type { JsonObject } from '../../canonical-json.ts';
import { readPointer } from '../../json-pointer.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Catalogue, CatalogueTool, DescribedCall, DescribeError } from '../catalogue.ts';
import { describeEntry } from '../describe.ts';
import { type FoundResource, offersOf } from './offers.ts';

/**
 * Returns the call that reading a resource is: of the entry whose `resource` the URI matches, with
 * the variables of the template as arguments. A URI that matches no template, or is spelled in
 * another way, is refused.
 */
export function describeResource(
  catalogue: Catalogue,
  server: string,
  uri: string,
): Result<DescribedCall, DescribeError> {
  const found = findResource(catalogue, server, uri);
  return found.ok ? describeEntry(found.value.entry, found.value.values) : found;
}

/** Returns the call that getting a prompt is: of the entry with this `prompt`. */
export function describePrompt(
  catalogue: Catalogue,
  server: string,
  name: string,
  args: JsonObject,
): Result<DescribedCall, DescribeError> {
  const entry = offersOf(catalogue, server).prompts.get(name);
  return entry ? describeEntry(entry, args) : refuse({ code: 'tool_unknown' });
}

/** What a completion completes: an argument of a prompt or of a resource's template. */
export type CompletionTarget =
  | { readonly kind: 'prompt'; readonly name: string }
  /** A template, as its entry has it, or the URI of a resource. */
  | { readonly kind: 'resource'; readonly uri: string };

/** The argument to complete, and the arguments that are known already. */
export interface CompletedArguments {
  readonly name: string;
  readonly value: string;
  readonly known: JsonObject;
}

/**
 * Returns the call that a completion is: a read of what it completes. The suggestions tell which
 * datasets there are, so an argument that is not complete counts as all datasets that it may name.
 */
export function describeCompletion(
  catalogue: Catalogue,
  server: string,
  target: CompletionTarget,
  { name, value, known }: CompletedArguments,
): Result<DescribedCall, DescribeError> {
  const found = findTarget(catalogue, server, target);
  if (!found.ok) return found;
  const complete = new Set(Object.keys(known).filter((one) => one !== name));
  const datasets = found.value.datasets.map((source) =>
    'argument' in source && !complete.has(readPointer(source.argument)?.[0] ?? '')
      ? { fixed: source.under }
      : source,
  );
  return describeEntry({ ...found.value, datasets }, { ...known, [name]: value });
}

function findTarget(
  catalogue: Catalogue,
  server: string,
  target: CompletionTarget,
): Result<CatalogueTool, DescribeError> {
  const offers = offersOf(catalogue, server);
  if (target.kind === 'prompt') return known(offers.prompts.get(target.name));
  const named = offers.templates.get(target.uri);
  if (named) return ok(named);
  const found = findResource(catalogue, server, target.uri);
  return found.ok ? ok(found.value.entry) : found;
}

const known = (entry: CatalogueTool | undefined): Result<CatalogueTool, DescribeError> =>
  entry ? ok(entry) : refuse({ code: 'tool_unknown' });

/**
 * Returns the resource that a URI names. Fixed text wins over a template. A URI that matches two
 * templates has two readings, and is refused.
 */
export function findResource(
  catalogue: Catalogue,
  server: string,
  uri: string,
): Result<FoundResource, DescribeError> {
  const [first, second] = offersOf(catalogue, server).resourcesOf(uri);
  if (!first) return refuse({ code: 'tool_unknown' });
  if (second) {
    const why = 'the URI matches two templates of the catalogue';
    return refuse({ code: 'dataset_unmappable', pointer: '/uri', why });
  }
  return ok(first);
}
