import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { isWhole, schemaOfBound } from './bound-schema.ts';
import { boundTree, type Place } from './bound-tree.ts';
import { mergeSchemas } from './merge.ts';
import type { ToolView } from './view.ts';
import { wordsOf } from './words.ts';

const REFERENCES_MAX = 8; // That lead to each other.
const COMBINED_DEPTH_MAX = 8; // Of `anyOf` in `allOf` in ….
const PARTS_MAX = 500; // Of one schema: a hostile one makes every part lead to all others.

/**
 * Returns the schema of a tool's arguments as the holder of a token may use it. An argument that
 * is not allowed is not shown, and what its value may be stands at its property.
 *
 * The schema is a server's and may be anything. Whatever it is, the result refuses no arguments
 * that the original accepts and that meet every bound.
 */
export function projectSchema(schema: JsonObject, view: ToolView): JsonObject {
  const place = boundTree(view);
  return object(resolved(schema, schema), place, schema);
}

/** Replaces a reference into the same document by what it leads to. */
function resolved(schema: JsonObject, root: JsonObject): JsonObject {
  let current = schema;
  for (let count = 0; count < REFERENCES_MAX; count += 1) {
    const { $ref, ...siblings } = current;
    if (typeof $ref !== 'string' || !/^#(?:\/|$)/.test($ref)) return current;
    const target = targetOf($ref, root);
    if (!isJsonObject(target)) return current;
    // A keyword beside the reference may mean something else beside the keywords of its target.
    const isPlain = Object.keys(siblings).every(
      (name) => DESCRIBING.includes(name) || (name === 'type' && siblings.type === target.type),
    );
    if (!isPlain) return current;
    current = { ...target, ...siblings };
  }
  return current;
}

const DESCRIBING: readonly string[] = [
  'title',
  'description',
  'default',
  'examples',
  '$defs',
  'definitions',
  '$schema',
  '$id',
];

function targetOf(reference: string, root: JsonObject): Json | undefined {
  let value: Json | undefined = root;
  let decoded: string;
  try {
    decoded = decodeURIComponent(reference.slice(1));
  } catch {
    return undefined;
  }
  for (const segment of decoded.split('/').slice(1)) {
    const name = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** Projects the schema of an object whose members have bounds. */
function object(schema: JsonObject, place: Place, root: JsonObject): JsonObject {
  const { members, closed, absent } = place;
  const isShown = (name: string) => !absent.has(name) && (closed === undefined || closed.has(name));
  const own = isJsonObject(schema.properties) ? schema.properties : {};
  const properties = new Map<string, Json>();
  for (const [name, property] of Object.entries(own)) {
    if (isShown(name)) properties.set(name, value(property, members.get(name), root));
  }
  // The server may mean an argument by a pattern, or in a part that its schema is combined of.
  const isOpen = schema.additionalProperties !== false || schema.patternProperties !== undefined;
  for (const name of new Set([...(closed ?? []), ...members.keys()])) {
    if (isOpen && isShown(name) && !properties.has(name)) {
      properties.set(name, value({}, members.get(name), root));
    }
  }
  const combined = combinedParts(schema, isShown, { root, partsLeft: PARTS_MAX }, 0);
  const { patternProperties: _, ...rest } = combined;
  const kept = closed ? { ...rest, additionalProperties: false } : combined;
  const required = requiredIn(schema, place, (name) => isShown(name) && properties.has(name));
  return {
    ...kept,
    ...((properties.size > 0 || isJsonObject(schema.properties)) && {
      properties: Object.fromEntries(properties),
    }),
    ...((required.length > 0 || Array.isArray(schema.required)) && { required }),
  };
}

/** An argument that the server requires and the token forbids is not shown as required. */
function requiredIn(
  { required }: JsonObject,
  { members, absent, closed }: Place,
  isKnown: (name: string) => boolean,
): readonly string[] {
  const own = Array.isArray(required) ? (required as readonly Json[]) : [];
  const named = own.filter((name): name is string => typeof name === 'string');
  const shown = named.filter((name) => !absent.has(name) && (!closed || closed.has(name)));
  const needed = [...members].filter(([name, { isRequired }]) => isRequired && isKnown(name));
  return [...new Set([...shown, ...needed.map(([name]) => name)])];
}

/** Takes the names that are not shown out of the parts that a schema is combined of. */
function combinedParts(
  schema: JsonObject,
  isShown: (name: string) => boolean,
  work: Work,
  depth: number,
): JsonObject {
  const changed: Record<string, Json> = { ...schema };
  const part = (one: Json): Json => {
    if (!isJsonObject(one) || depth >= COMBINED_DEPTH_MAX || work.partsLeft <= 0) return one;
    work.partsLeft -= 1;
    const whole = resolved(one, work.root);
    const shown = withoutHidden(whole, isShown, work, depth + 1);
    return isSameJson(whole, shown) ? one : shown;
  };
  for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
    const parts = schema[keyword];
    if (!Array.isArray(parts)) continue;
    const inner = (parts as readonly Json[]).map(part);
    if (inner.every((one, index) => one === parts[index])) continue;
    delete changed[keyword];
    // Parts that differ in a hidden name only would both match, and exactly one must.
    if (keyword !== 'oneOf') changed[keyword] = inner;
    else if (changed.anyOf === undefined) changed.anyOf = inner;
    else
      changed.allOf = [...((changed.allOf as readonly Json[] | undefined) ?? []), { anyOf: inner }];
  }
  for (const keyword of ['then', 'else'] as const) {
    const one = schema[keyword];
    if (one !== undefined) changed[keyword] = part(one);
  }
  for (const keyword of ['dependentRequired', 'dependentSchemas', 'dependencies'] as const) {
    const table = schema[keyword];
    if (!isJsonObject(table)) continue;
    const kept = Object.entries(table).flatMap(([name, needs]) => {
      if (!isShown(name)) return [];
      if (!Array.isArray(needs)) return [[name, part(needs)] as const];
      return [[name, (needs as readonly Json[]).filter((one) => isShown(String(one)))] as const];
    });
    changed[keyword] = Object.fromEntries(kept);
  }
  return changed;
}

/** The work that one schema may cause: its parts can lead to each other in circles. */
interface Work {
  readonly root: JsonObject;
  partsLeft: number;
}

const isSameJson = (one: Json, other: Json): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function withoutHidden(
  schema: JsonObject,
  isShown: (name: string) => boolean,
  work: Work,
  depth: number,
): JsonObject {
  const changed: Record<string, Json> = { ...combinedParts(schema, isShown, work, depth) };
  if (isJsonObject(schema.properties)) {
    const kept = Object.entries(schema.properties).filter(([name]) => isShown(name));
    changed.properties = Object.fromEntries(kept);
  }
  if (Array.isArray(schema.required)) {
    changed.required = (schema.required as readonly Json[]).filter((one) => isShown(String(one)));
  }
  return changed;
}

/** Projects the schema of one value. */
function value(given: Json, place: Place | undefined, root: JsonObject): Json {
  if (!place || given === false) return given;
  let schema: Json = isJsonObject(given) ? resolved(given, root) : given;
  const unsaid: string[] = [];
  for (const bound of place.bounds) {
    schema = mergeSchemas(schema, schemaOfBound(bound));
    if (!isWhole(bound)) unsaid.push(`it must ${wordsOf(bound)}`);
  }
  for (const bound of place.elements) {
    const items = isJsonObject(schema) ? schema.items : undefined;
    const isPlain = items === undefined || isJsonObject(items);
    const element = schemaOfBound(bound);
    schema = isPlain
      ? { ...(isJsonObject(schema) ? schema : {}), items: mergeSchemas(items ?? {}, element) }
      : mergeSchemas(schema, { allOf: [{ items: element }] });
    if (!isWhole(bound)) unsaid.push(`each element must ${wordsOf(bound)}`);
  }
  const isObject = place.members.size > 0 || place.closed !== undefined || place.absent.size > 0;
  if (isObject) schema = object(isJsonObject(schema) ? schema : {}, place, root);
  return unsaid.length === 0 || !isJsonObject(schema) ? schema : described(schema, unsaid);
}

/** Says in the description what no keyword says. */
function described(schema: JsonObject, unsaid: readonly string[]): JsonObject {
  const { description } = schema;
  const own = typeof description === 'string' ? `${description}\n` : '';
  return { ...schema, description: `${own}In this session: ${unsaid.join('; ')}.` };
}
