/**
 * RFC 8785 JSON Canonicalization Scheme.
 *
 * `JSON.stringify` already writes numbers and strings as the RFC requires (section 3.2.2). The rest
 * is done here: members are ordered by UTF-16 code units, which is JavaScript's default sort, and
 * values without a canonical form are rejected.
 */

export type JsonScalar = string | number | boolean | null;
export type Json = JsonScalar | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [member: string]: Json;
}

/**
 * Whether a value is an object as JSON knows it, whose content is its own members. A `Map`, a `URL`
 * and a class instance have no own members to check, yet a reader would still find values in them.
 */
export const isJsonObject = (value: unknown): value is JsonObject => isPlain(value);

/** A reader would take an inherited member for an own one, so only literals and records pass. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  // Not compared with this realm's `Object.prototype`: an object may come from another realm.
  if (prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

/**
 * Throws a TypeError for a lone surrogate or a number that JSON cannot represent. Callers check
 * first.
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
