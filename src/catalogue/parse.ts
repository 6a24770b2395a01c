import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { ACTIONS, checkDataset, checkTool, type NameError } from '../capability/index.ts';
import { utf8 } from '../encoding.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import { CALL_DATASETS_MAX, CATALOGUE_SINKS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { isComposed, replacedAt, uncomposedAt } from '../source-text.ts';
import type { Catalogue, CatalogueError, CatalogueTool, DatasetSource } from './catalogue.ts';

export const CATALOGUE_BYTES_MAX = 256 * 1024; // An operator's file: a larger one is a mistake.

const sourceSchema = v.union([
  v.strictObject({ argument: v.string(), under: v.string() }),
  v.strictObject({ fixed: v.string() }),
]);

const toolSchema = v.strictObject({
  name: v.string(),
  action: v.picklist(ACTIONS),
  tier: v.picklist([0, 1, 2, 3]),
  arguments: v.array(v.string()),
  // Invariant 6: a tool without a dataset would be authorized for all datasets.
  datasets: v.pipe(v.array(sourceSchema), v.minLength(1), v.maxLength(CALL_DATASETS_MAX)),
  sinks: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(CATALOGUE_SINKS_MAX))),
});

const catalogueSchema = v.strictObject({ tool: v.pipe(v.array(v.unknown()), v.minLength(1)) });

const invalid = (where: string, why: string): Result<never, CatalogueError> =>
  refuse({ code: 'catalogue_invalid', where, why });

/**
 * Parses a catalogue from TOML; `policy/tools.toml` is an example. Strict, so that a misspelt line
 * is not lost.
 *
 * @example
 * ```ts
 * import { parseCatalogue } from 'hewn/catalogue';
 *
 * const parsed = parseCatalogue(toolsToml);
 * if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
 * ```
 */
export function parseCatalogue(toml: string): Result<Catalogue, CatalogueError> {
  const catalogue = new Map<string, CatalogueTool>();
  for (const read of readTools(toml)) {
    if (!read.ok) return read;
    catalogue.set(read.value.name, read.value);
  }
  return ok(catalogue);
}

/** Reads the tools, and reports every fault of each where it is found. */
export function* readTools(toml: string): Generator<Result<CatalogueTool, CatalogueError>> {
  if (toml.length > CATALOGUE_BYTES_MAX || utf8(toml).length > CATALOGUE_BYTES_MAX) {
    yield refuse({ code: 'catalogue_too_large' });
    return;
  }
  const table = parseToml(toml);
  if (!table.ok) {
    yield table;
    return;
  }
  const parsed = v.safeParse(catalogueSchema, table.value);
  if (!('tool' in Object(table.value)))
    yield invalid('tool', 'there is no [[tool]], so no tool could be called');
  else if (!parsed.success) yield* issuesOf(parsed.issues, '');
  // The tools are read one by one: a fault of one hides no fault of another.
  const names = new Set<string>();
  for (const [index, entry] of listOf(table.value).entries()) {
    const where = `tool.${index}`;
    const read = v.safeParse(toolSchema, entry);
    if (!read.success) {
      yield* issuesOf(read.issues, where);
      continue;
    }
    const tool = { ...read.output, sinks: read.output.sinks ?? [] };
    yield* toolFaults(read.output, tool, where);
    if (names.has(tool.name)) yield invalid(`${where}.name`, 'appears twice');
    names.add(tool.name);
    yield ok(tool);
  }
}

function* issuesOf(
  issues: readonly v.BaseIssue<unknown>[],
  where: string,
): Generator<Result<never, CatalogueError>> {
  for (const issue of issues) {
    const path = (issue.path ?? []).map(({ key }) => String(key));
    yield invalid(
      [where, ...path].filter((key) => key !== '').join('.'),
      describeIssue(issue, where),
    );
  }
}

const KEYS = [toolSchema, ...sourceSchema.options].flatMap(({ entries }) => Object.keys(entries));

/** The schema's own messages for a misspelt key and value do not say what is allowed. */
function describeIssue(issue: v.BaseIssue<unknown>, where: string): string {
  const { kind, type, expected, received, message } = issue;
  if (kind !== 'schema') return message;
  if (received === 'undefined') return 'missing';
  if (expected === 'never') {
    return `unknown key. Allowed: ${where === '' ? 'tool' : [...new Set(KEYS)].join(', ')}`;
  }
  if (type === 'picklist') {
    const allowed = expected?.replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
    return `is ${received}. Allowed: ${allowed}`;
  }
  return type === 'union' ? 'must be { argument = "/…", under = "…" } or { fixed = "…" }' : message;
}

function listOf(table: unknown): readonly unknown[] {
  const { tool } = Object(table) as { readonly tool?: unknown };
  return Array.isArray(tool) ? tool : [];
}

function parseToml(toml: string): Result<unknown, CatalogueError> {
  const replaced = replacedAt(toml);
  if (replaced) return refuse({ code: 'toml_invalid', ...replaced });
  try {
    const table: unknown = parse(toml);
    return isComposed(JSON.stringify(table))
      ? ok(table)
      : refuse({ code: 'toml_invalid', ...uncomposedAt(toml) });
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const why = thrown.message.split('\n', 1)[0] ?? '';
    return refuse({ code: 'toml_invalid', line: thrown.line, why });
  }
}

function* toolFaults(
  { sinks }: v.InferOutput<typeof toolSchema>,
  tool: CatalogueTool,
  where: string,
): Generator<Result<never, CatalogueError>> {
  // A tool that changes something sends it somewhere, so an empty list must be explicit.
  if (sinks === undefined && tool.action !== 'read') {
    const why = 'missing: a tool that does more than read must list its sinks, or []';
    yield invalid(`${where}.sinks`, why);
  }
  const checked: Result<unknown, CatalogueError>[] = [
    named(checkTool(tool.name), `${where}.name`),
    ...tool.datasets.map((source, index) =>
      checkSource(source, tool, `${where}.datasets.${index}`),
    ),
    ...tool.sinks.map((sink, index) => checkPointer(sink, tool, `${where}.sinks.${index}`)),
  ];
  for (const one of checked) if (!one.ok) yield one;
  if (new Set(tool.arguments).size !== tool.arguments.length) {
    yield invalid(`${where}.arguments`, 'an argument appears twice');
  }
  // In a pointer, `*` is every element of a list, so an argument of that name cannot be a sink.
  if (tool.arguments.includes(EACH_ELEMENT)) {
    yield invalid(`${where}.arguments`, 'an argument must not be named *');
  }
  for (const [index, sink] of tool.sinks.entries()) {
    if (tool.sinks.indexOf(sink) < index) yield invalid(`${where}.sinks.${index}`, 'appears twice');
  }
}

/** Checks that a pointer leads to one of the tool's arguments, or below one. */
function checkPointer(
  pointer: string,
  tool: CatalogueTool,
  where: string,
): Result<null, CatalogueError> {
  const segments = readPointer(pointer);
  if (!segments) return invalid(where, 'not an RFC 6901 pointer');
  return tool.arguments.includes(segments[0] ?? '')
    ? ok(null)
    : invalid(where, 'not one of the listed arguments');
}

function checkSource(
  source: DatasetSource,
  tool: CatalogueTool,
  where: string,
): Result<unknown, CatalogueError> {
  if ('fixed' in source) return named(checkDataset(source.fixed), `${where}.fixed`);
  const pointer = checkPointer(source.argument, tool, `${where}.argument`);
  if (!pointer.ok) return pointer;
  return named(checkDataset(source.under), `${where}.under`);
}

const named = (
  checked: Result<string, NameError>,
  where: string,
): Result<string, CatalogueError> => (checked.ok ? checked : invalid(where, checked.error.why));
