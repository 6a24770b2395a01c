/** The forms of the files of clients, and edits of one entry in them. */
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Client } from '../client.ts';
import type { EntryPath, Format } from './format.ts';
import { jsonFormat } from './json.ts';
import { tomlFormat } from './toml.ts';

const FORMATS: Readonly<Record<Client['format'], Format>> = {
  json: jsonFormat,
  jsonc: jsonFormat,
  toml: tomlFormat,
};

type Shape = Pick<Client, 'format' | 'path'>;

/** Returns the entries of a file as the client writes them, by the names of the servers. */
export async function readEntries(
  { format, path }: Shape,
  text: string,
): Promise<Result<Readonly<Record<string, JsonObject>>, string>> {
  const parsed = await FORMATS[format].parse(withoutMark(text));
  if (!parsed.ok) return parsed;
  const table = path.reduce<unknown>(
    (value, key) => (isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    parsed.value,
  );
  if (table === undefined) return ok({});
  if (!isJsonObject(table)) return refuse(`${path.join('.')} is no table`);
  return ok(Object.fromEntries(Object.entries(table).filter(isEntry)));
}

const isEntry = (pair: [string, Json]): pair is [string, JsonObject] => isJsonObject(pair[1]);

/** Sets or removes entries of a file. Everything else stays as it is. */
export async function editEntries(
  { format, path }: Shape,
  text: string,
  changes: Readonly<Record<string, JsonObject | undefined>>,
): Promise<Result<string, string>> {
  let edited = text;
  for (const [name, value] of Object.entries(changes)) {
    const next = await editTable(format, edited, [...path, name], value);
    if (!next.ok) return next;
    edited = next.value;
  }
  return ok(edited);
}

/**
 * Sets or removes one table of a file. Everything else stays as it is: the result is read again and
 * compared, because an edit of text that goes wrong would change what the file means.
 */
export async function editTable(
  format: Client['format'],
  text: string,
  path: EntryPath,
  value: JsonObject | undefined,
): Promise<Result<string, string>> {
  const { parse, edit } = FORMATS[format];
  const body = withoutMark(text);
  const before = await parse(body);
  if (!before.ok) return before;
  const other = otherThanTable(before.value, path);
  if (other !== undefined) return refuse(`${other} is no table`);
  const edited = await edit(body, path, value);
  if (!edited.ok) return edited;
  const after = await parse(edited.value);
  const expected = plain(withEntry(before.value, path, value));
  return after.ok && isDeepStrictEqual(plain(after.value), expected)
    ? ok(text.slice(0, text.length - body.length) + edited.value)
    : refuse('it has a form that cannot be edited here: change the entry by hand');
}

/** Editors on Windows begin a file with this mark. It stays, and no parser here reads it. */
const withoutMark = (text: string): string => text.replace(/^\ufeff/, '');

/** Returns what a file has instead of a table above an entry, such as `null`. */
function otherThanTable(value: JsonObject, path: EntryPath): string | undefined {
  let table: JsonObject = value;
  for (const [place, key] of path.slice(0, -1).entries()) {
    const inner = Object.hasOwn(table, key) ? table[key] : undefined;
    if (inner === undefined) return undefined;
    if (!isJsonObject(inner)) return path.slice(0, place + 1).join('.');
    table = inner;
  }
  return undefined;
}

function withEntry(
  table: JsonObject,
  [key = '', ...rest]: EntryPath,
  value: JsonObject | undefined,
): JsonObject {
  const { [key]: current, ...others } = table;
  if (rest.length === 0) return value === undefined ? others : { ...others, [key]: value };
  const inner = isJsonObject(current) ? current : {};
  if (value === undefined && !isJsonObject(current)) return table;
  return { ...others, [key]: withEntry(inner, rest, value) };
}

/** A table without members may be written or left out. */
function plain(value: Json): Json {
  if (!isJsonObject(value)) return Array.isArray(value) ? value.map(plain) : value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]): [string, Json] => [key, plain(member)])
      .filter(([, member]) => !(isJsonObject(member) && Object.keys(member).length === 0)),
  );
}
