import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import type { TextType } from '../catalogue/index.ts';
import { members, own, resolve } from './document.ts';

const DEPTH_MAX = 6; // As deep as arguments usually go; deeper members are judged by no name.

/** Returns a schema with its references followed, down to a depth. */
export function plainSchema(
  document: JsonObject,
  schema: Json | undefined,
  depth = DEPTH_MAX,
): JsonObject {
  const resolved = merged(document, resolve(document, schema) ?? {});
  if (depth === 0) return pick(resolved, ['type', 'format']);
  const properties = members(resolved.properties).map(
    ([name, member]) => [name, plainSchema(document, member, depth - 1)] as const,
  );
  const { items } = resolved;
  return {
    ...pick(resolved, ['type', 'format', 'required', 'enum', 'additionalProperties']),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(isJsonObject(items) && { items: plainSchema(document, items, depth - 1) }),
  };
}

/** Joins the parts of `allOf`, as far as their members are objects. */
function merged(document: JsonObject, schema: JsonObject): JsonObject {
  const { allOf, ...rest } = schema;
  if (!Array.isArray(allOf)) return schema;
  const parts = (allOf as readonly Json[]).map((part) => resolve(document, part) ?? {});
  const all = [rest as JsonObject, ...parts];
  const required = all.flatMap((part) => (Array.isArray(part.required) ? part.required : []));
  return {
    ...Object.assign({}, ...parts, rest),
    properties: Object.assign({}, ...all.map(({ properties }) => properties ?? {})),
    ...(required.length > 0 && { required }),
  } as JsonObject;
}

const pick = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = own(object, name);
      // A schema of additional members says only whether there may be some.
      return value === undefined ? [] : [[name, isJsonObject(value) ? true : value]];
    }),
  );

/** Returns the one type of a value besides null; undefined if there are several, or none. */
export function typeOf(schema: JsonObject): string | undefined {
  const { type } = schema;
  if (typeof type === 'string') return type;
  if (!Array.isArray(type)) return undefined;
  const types = (type as readonly Json[]).filter((one) => one !== 'null');
  return types.length === 1 && typeof types[0] === 'string' ? types[0] : undefined;
}

const canBeNull = ({ type, nullable }: JsonObject): boolean =>
  nullable === true || (Array.isArray(type) && type.includes('null'));

/** Returns the type of an argument in text. `string` has no entry in a route. */
export function textType(schema: JsonObject): TextType | undefined {
  const type = typeOf(schema);
  return type === 'integer' || type === 'number' || type === 'boolean' ? type : undefined;
}

/** Returns the type of a member of a JSON body; undefined if it is no scalar, or can be null. */
export function memberType(schema: JsonObject): TextType | undefined {
  if (canBeNull(schema)) return undefined;
  return typeOf(schema) === 'string' ? 'string' : textType(schema);
}
