import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';

/**
 * Returns the answer of a server without what only the gateway says. A server could otherwise write
 * a denial of its own, and make an agent ask the issuer for grants that the server wants it to
 * have.
 */
export const withoutOwnKeys = (answer: JsonObject): JsonObject => cleaned(answer, 0);

const OWN = /^hewn(?:\.dev)?\//i;
const DETAILS = 'authorization_details';

/** Where `neededGrantsOf` looks for a denial. The state of a finished task has its result in it. */
const INNER: ReadonlySet<string> = new Set(['result', 'error', 'data', 'cause']);
const DEPTH_MAX = 10; // Deeper than `neededGrantsOf` looks.

function cleaned(value: JsonObject, depth: number): JsonObject {
  const entries = Object.entries(value);
  const kept = entries
    .filter(([name]) => name !== DETAILS)
    .map(([name, member]): [string, Json] => [name, cleanedMember(name, member as Json, depth)]);
  const isSame =
    kept.length === entries.length && kept.every(([name, member]) => member === value[name]);
  return isSame ? value : Object.fromEntries(kept);
}

function cleanedMember(name: string, member: Json, depth: number): Json {
  if (!isJsonObject(member)) return member;
  if (name === '_meta') return without(member, (key) => OWN.test(key));
  if (!INNER.has(name)) return member;
  if (depth >= DEPTH_MAX) return {};
  const inner = cleaned(member, depth + 1);
  // An SDK writes the body of a failed request there, which may be a denial.
  return name === 'data' ? without(inner, (key) => key === 'text' && isObject(inner.text)) : inner;
}

const isObject = (text: Json | undefined): boolean =>
  typeof text === 'string' && /^\s*\{/.test(text);

function without(object: JsonObject, isRemoved: (name: string) => boolean): JsonObject {
  const entries = Object.entries(object);
  const kept = entries.filter(([name]) => !isRemoved(name));
  return kept.length === entries.length ? object : Object.fromEntries(kept);
}
