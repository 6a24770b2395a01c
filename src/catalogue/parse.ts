import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { utf8 } from '../encoding.ts';
import type { HistoryRule } from '../history/index.ts';
import { RouteOverlaps } from '../http-route/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import { isComposed, replacedAt, uncomposedAt } from '../source-text.ts';
import type { Catalogue, CatalogueError, CatalogueTool } from './catalogue.ts';
import { readHistory, withHistory } from './history.ts';
import {
  type CatalogueKey,
  FOR_ALL_TOOLS,
  statedForAll,
  TOOL_KEY_ENTRIES,
  TOOL_KEYS,
  withStated,
} from './keys/index.ts';
import { offerKey } from './offers/offers.ts';

export const CATALOGUE_BYTES_MAX = 256 * 1024; // An operator's file: a larger one is a mistake.

const catalogueSchema = v.strictObject({
  tool: v.pipe(v.array(v.unknown()), v.minLength(1)),
  ...FOR_ALL_TOOLS,
  history: v.exactOptional(v.array(v.unknown())),
});
const TABLES = Object.keys(catalogueSchema.entries).join(', ');

const entryOf = ({ schema, absent }: CatalogueKey<unknown>) =>
  absent === 'fault' ? schema : v.exactOptional(schema);
const toolSchema = v.looseObject(
  Object.fromEntries(TOOL_KEY_ENTRIES.map(([key, row]) => [key, entryOf(row)])),
);

const DEFAULTS = Object.fromEntries(
  TOOL_KEY_ENTRIES.flatMap(([key, { absent }]) =>
    typeof absent === 'object' ? [[key, absent.value]] : [],
  ),
);

const UNKNOWN_KEY = `unknown key. Allowed: ${Object.keys(TOOL_KEYS).join(', ')}`;

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

/** Reads the tools with their rules, and reports every fault of each where it is found. */
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
  const stated = statedForAll(table.value);
  for (const { where, why } of stated.faults) yield invalid(where, why);
  const read: CatalogueTool[] = [];
  for (const one of readEach(listOf(table.value, 'tool'))) {
    if (one.ok) read.push(one.value);
    else yield one;
  }
  const rules: HistoryRule[] = [];
  for (const one of readHistory(listOf(table.value, 'history'), read)) {
    if (one.ok) rules.push(one.value);
    else yield one;
  }
  for (const tool of read) yield ok(withHistory(withStated(tool, stated), rules));
}

/** The tools are read one by one: a fault of one hides no fault of another. */
function* readEach(entries: readonly unknown[]): Generator<Result<CatalogueTool, CatalogueError>> {
  const names = new Set<string>();
  const offers = new Set<string>();
  const routes = new RouteOverlaps();
  for (const [index, entry] of entries.entries()) {
    const where = `tool.${index}`;
    const read = v.safeParse(toolSchema, entry);
    const unknown = Object.keys(Object(entry)).filter((key) => !Object.hasOwn(TOOL_KEYS, key));
    for (const key of unknown) yield invalid(`${where}.${key}`, UNKNOWN_KEY);
    if (!read.success) yield* issuesOf(read.issues, where);
    if (!read.success || unknown.length > 0) continue;
    const tool = asTool(read.output);
    yield* faultsBetweenKeys(read.output, tool, where);
    if (names.has(tool.name)) yield invalid(`${where}.name`, 'appears twice');
    names.add(tool.name);
    const offer = offerKey(tool);
    if (offer !== undefined && offers.has(offer)) {
      const key = tool.prompt === undefined ? 'resource' : 'prompt';
      yield invalid(`${where}.${key}`, 'appears twice');
    }
    if (offer !== undefined) offers.add(offer);
    const other = routes.find(tool);
    if (other !== undefined) yield invalid(`${where}.route`, `overlaps the route of ${other}`);
    routes.add(tool);
    yield ok(tool);
  }
}

/** The schema has checked each key, which the type of `Object.fromEntries` cannot express. */
function asTool(written: object): CatalogueTool {
  const tool = { ...DEFAULTS, ...written } as unknown as CatalogueTool;
  const marked = tool.sink?.map(({ argument }) => argument) ?? [];
  // A tool can have both forms: what is marked is a sink, and so is what is only listed.
  return { ...tool, sinks: [...new Set([...tool.sinks, ...marked])] };
}

function* faultsBetweenKeys(
  written: Readonly<Record<string, unknown>>,
  tool: CatalogueTool,
  where: string,
): Generator<Result<never, CatalogueError>> {
  for (const [key, { faults }] of TOOL_KEY_ENTRIES) {
    for (const fault of faults?.(written[key], tool) ?? []) {
      const place = fault.where === undefined ? [where, key] : [where, key, fault.where];
      yield invalid(place.join('.'), fault.why);
    }
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

/** The schema's own messages for a misspelt key and value do not say what is allowed. */
function describeIssue(issue: v.BaseIssue<unknown>, where: string): string {
  const { kind, type, expected, received, message, path = [] } = issue;
  if (kind !== 'schema') return message;
  if (received === 'undefined') return 'missing';
  if (where === '' && path.length === 1 && expected === 'never')
    return `unknown key. Allowed: ${TABLES}`;
  if (type === 'picklist') {
    const allowed = expected?.replaceAll(/[()"]/g, '').replaceAll(' | ', ', ');
    return `is ${received}. Allowed: ${allowed}`;
  }
  return message;
}

function listOf(table: unknown, name: 'tool' | 'history'): readonly unknown[] {
  const list: unknown = Object(table)[name];
  return Array.isArray(list) ? list : [];
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
