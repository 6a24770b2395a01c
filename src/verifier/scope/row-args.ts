import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { readPointer } from '../../json-pointer.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { ReadColumn } from './columns.ts';

/**
 * Returns the arguments with other values at these pointers. Refuses a pointer into something that
 * is no object.
 */
export function withValues(
  args: JsonObject,
  values: ReadonlyMap<string, Json>,
): Result<JsonObject, string> {
  let changed = args;
  for (const [pointer, value] of values) {
    const next = withValue(changed, readPointer(pointer) ?? [], value);
    if (next === undefined) return refuse(pointer);
    changed = next;
  }
  return ok(changed);
}

function withValue(
  object: Json | undefined,
  [name, ...inner]: readonly string[],
  value: Json,
): JsonObject | undefined {
  if (object !== undefined && !isJsonObject(object)) return undefined;
  if (name === undefined) return undefined;
  const members = new Map<string, Json>(Object.entries(object ?? {}));
  const member = inner.length === 0 ? value : withValue(members.get(name), inner, value);
  if (member === undefined) return undefined;
  // Not assigned: `__proto__` must stay a member like any other.
  return Object.fromEntries(members.set(name, member)) as JsonObject;
}

/** Returns the value of a column as JSON; undefined for one that the column should not hold. */
export function columnValue(value: unknown, type: ReadColumn['type']): Json | undefined {
  if (value === null || value === undefined) return null;
  if (type === 'text') return typeof value === 'string' ? value : undefined;
  if (type === 'number') {
    const number = typeof value === 'bigint' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
  }
  if (typeof value === 'boolean') return value;
  // SQLite has no booleans.
  return value === 1 || value === 1n ? true : value === 0 || value === 0n ? false : undefined;
}
