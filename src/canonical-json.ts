/**
 * RFC 8785 JSON Canonicalization Scheme.
 *
 * `JSON.stringify` already writes numbers and strings as the RFC asks (section 3.2.2); what is left
 * is the order of members (by UTF-16 code units, which is JavaScript's default sort) and refusing
 * what has no canonical form.
 */

export type JsonScalar = string | number | boolean | null;
export type Json = JsonScalar | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/**
 * An object as JSON has it: what it holds are members of its own. A `Map`, a `URL` and an instance
 * of a class have none to be judged, and their reader finds something in them all the same.
 */
export const isJsonObject = (value: unknown): value is JsonObject => isPlain(value);

/** An inherited member would be read like an own one, so only literals and records are taken. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  // Not compared with this realm's `Object.prototype`: objects may come out of another one.
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/**
 * Throws a TypeError for a lone surrogate or a number that JSON cannot carry: callers check first.
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a lone surrogate has no canonical form');
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that is not finite is not JSON');
    return JSON.stringify(value);
  }
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  const members = Object.entries(value as JsonObject)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
