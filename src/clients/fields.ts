import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type HttpEntry, isStdio, type ServerEntry, type StdioEntry } from './entry.ts';

/**
 * Reads the members that most clients have in common. A member of another kind counts as absent.
 */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

export function textTable(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const pairs = Object.entries(value).filter(([, text]) => typeof text === 'string');
  return pairs.length === 0 ? undefined : (Object.fromEntries(pairs) as Record<string, string>);
}

/** Reads `command`, `args` and `env`, or a URL, by the name that the client has for it. */
export function readCommon(
  value: JsonObject,
  urlNames: readonly string[],
): ServerEntry | undefined {
  const command = textOf(value.command);
  const env = textTable(value.env);
  if (command !== undefined) {
    return { command, args: textsOf(value.args), ...(env !== undefined && { env }) };
  }
  const url = urlNames.map((name) => textOf(value[name])).find((text) => text !== undefined);
  const headers = textTable(value.headers);
  const headersHelper = textOf(value.headersHelper);
  if (url === undefined) return undefined;
  return {
    url,
    ...(headers !== undefined && { headers }),
    ...(headersHelper !== undefined && { headersHelper }),
  };
}

/** Writes `command`, `args` and `env`. */
export const writeStdio = ({ command, args, env }: StdioEntry): JsonObject => ({
  command,
  args: [...args],
  ...(env !== undefined && { env: { ...env } }),
});

export const writeHeaders = ({ headers }: HttpEntry): JsonObject =>
  headers === undefined ? {} : { headers: { ...headers } };

const NO_HELPER = 'only Claude Code gets headers from a command';

/** Writes an entry, unless it needs a command for its headers. */
export function writeEntry(
  entry: ServerEntry,
  stdio: (entry: StdioEntry) => JsonObject,
  http: (entry: HttpEntry) => JsonObject,
): Result<JsonObject, string> {
  if (isStdio(entry)) return ok(stdio(entry));
  return entry.headersHelper === undefined ? ok(http(entry)) : refuse(NO_HELPER);
}

/** Writes all entries of a run, or returns why one cannot be written. */
export function writeAll(
  entries: Readonly<Record<string, ServerEntry>>,
  write: (entry: ServerEntry) => Result<JsonObject, string>,
): Result<Readonly<Record<string, JsonObject>>, string> {
  const written: [string, JsonObject][] = [];
  for (const [name, entry] of Object.entries(entries)) {
    const one = write(entry);
    if (!one.ok) return refuse(`${name}: ${one.error}`);
    written.push([name, one.value]);
  }
  return ok(Object.fromEntries(written));
}
