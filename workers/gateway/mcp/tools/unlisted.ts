import { isJsonObject, type Json, type JsonObject } from '../../../../src/canonical-json.ts';

const DEPTH_MAX = 32; // Of the schema; what lies deeper is removed.

/**
 * Returns the value without members of objects that the schema does not list. Only `properties` and
 * `items` list something: a schema that is combined of parts, or refers to one, lists nothing.
 */
export const withoutUnlisted = (value: JsonObject, schema: JsonObject): JsonObject =>
  listed(value, schema, 0) as JsonObject;

function listed(value: Json, schema: Json | undefined, depth: number): Json {
  if (schema === true || depth > DEPTH_MAX || !isJsonObject(schema)) {
    return schema === true ? value : emptied(value);
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((one) => listed(one, schema.items, depth + 1));
  }
  if (!isJsonObject(value)) return value;
  const { properties } = schema;
  if (!isJsonObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) =>
      Object.hasOwn(properties, name)
        ? [[name, listed(member, properties[name], depth + 1)] as const]
        : [],
    ),
  );
}

/** A scalar has no members. */
function emptied(value: Json): Json {
  if (Array.isArray(value)) return [];
  return isJsonObject(value) ? {} : value;
}
