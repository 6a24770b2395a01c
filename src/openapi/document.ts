import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { readPointer } from '../json-pointer.ts';
import { ok, type Result, refuse } from '../result.ts';

/** Larger than the descriptions of the largest public APIs that one team writes by hand. */
export const OPENAPI_BYTES_MAX = 8 * 1024 * 1024;
const DEPTH_MAX = 100;
const REFERENCES_MAX = 32; // One behind the other: more is a circle.

/** Reads the text of an OpenAPI 3.0 or 3.1 document, in JSON or YAML. */
export async function readDocument(text: string): Promise<Result<JsonObject, string>> {
  const value = /^\s*\{/.test(text) ? parseJson(text) : await parseYaml(text);
  if (!value.ok) return value;
  const document = value.value;
  if (!isJsonObject(document)) return refuse('it is not an OpenAPI document');
  if (typeof document.swagger === 'string') {
    return refuse('it is Swagger 2.0: convert it to OpenAPI 3.0 or 3.1 first');
  }
  if (typeof document.openapi !== 'string' || !/^3\.[01]\.\d+$/.test(document.openapi)) {
    return refuse('it has no "openapi" of version 3.0 or 3.1');
  }
  return isDeeperThan(document, DEPTH_MAX) ? refuse('it is nested too deeply') : ok(document);
}

function parseJson(text: string): Result<unknown, string> {
  try {
    return ok(JSON.parse(text));
  } catch {
    return refuse('it is not JSON');
  }
}

async function parseYaml(text: string): Promise<Result<unknown, string>> {
  const yaml = await import('yaml').catch(() => undefined);
  if (!yaml) return refuse('it is YAML: install the package "yaml", or convert it to JSON');
  try {
    // The core schema is that of JSON. Aliases are bounded: ten of ten of ten fill the memory.
    const options = { schema: 'core', uniqueKeys: true, merge: false } as const;
    const value = yaml.parse(text, { ...options, maxAliasCount: 100 });
    // Dates, symbols and other values that JSON does not have are gone after this.
    return ok(JSON.parse(JSON.stringify(value ?? null)));
  } catch (error) {
    return refuse(`it is not YAML: ${error instanceof Error ? error.message : 'invalid'}`);
  }
}

function isDeeperThan(value: Json, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner: Json) => isDeeperThan(inner, depth - 1));
}

/**
 * Follows references inside the document. Undefined if one leads out of it, nowhere, or in a
 * circle.
 */
export function resolve(document: JsonObject, value: Json | undefined): JsonObject | undefined {
  let current = value;
  for (let count = 0; count < REFERENCES_MAX; count += 1) {
    if (!isJsonObject(current)) return undefined;
    const { $ref: reference } = current;
    if (reference === undefined) return current;
    if (typeof reference !== 'string' || !reference.startsWith('#/')) return undefined;
    current = at(document, reference.slice(1));
  }
  return undefined;
}

function at(document: JsonObject, pointer: string): Json | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pointer);
  } catch {
    return undefined;
  }
  let current: Json | undefined = document;
  for (const segment of readPointer(decoded) ?? ['']) {
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(segment)];
    else current = isJsonObject(current) ? own(current, segment) : undefined;
  }
  return current;
}

/** Returns an own member, so that a document cannot name one of the prototype. */
export const own = (object: JsonObject, name: string): Json | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** Returns the members of a value that are objects. */
export const members = (value: Json | undefined): readonly (readonly [string, Json])[] =>
  isJsonObject(value) ? Object.entries(value) : [];
