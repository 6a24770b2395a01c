import { canonicalJson, isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';

/**
 * Returns a schema that requires what both do, with the second one in plain sight: a model reads
 * `enum` and `maximum` of a property, and rarely what stands in its `allOf`.
 */
export function mergeSchemas(schema: Json, added: JsonObject): Json {
  if (!isJsonObject(schema)) return schema === false ? false : added;
  // Until draft 7, `$ref` hides the keywords next to it.
  if (Object.hasOwn(schema, '$ref')) return { ...added, allOf: [schema, ...listOf(added.allOf)] };
  const merged: Record<string, Json> = { ...schema };
  const extra: Json[] = [];
  for (const [keyword, value] of Object.entries(added)) {
    const own = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined;
    if (own === undefined) merged[keyword] = value;
    else if (!isSame(own, value)) {
      const both = BOTH[keyword]?.(own, value);
      if (both === undefined) extra.push({ [keyword]: value });
      else merged[keyword] = both;
    }
  }
  if (extra.length > 0) merged.allOf = [...listOf(merged.allOf), ...extra];
  // A default that is not allowed would tempt.
  if (Array.isArray(merged.enum) && merged.default !== undefined) {
    if (!merged.enum.some((one) => isSame(one, merged.default as Json))) delete merged.default;
  }
  return merged;
}

const listOf = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : [];

const isSame = (one: Json, other: Json): boolean => canonicalJson(one) === canonicalJson(other);

type Both = (own: Json, added: Json) => Json | undefined;

const larger: Both = (own, added) =>
  typeof own === 'number' && typeof added === 'number' ? Math.max(own, added) : undefined;
const smaller: Both = (own, added) =>
  typeof own === 'number' && typeof added === 'number' ? Math.min(own, added) : undefined;

/** How one keyword says what both schemas say; undefined if it cannot. */
const BOTH: Readonly<Record<string, Both>> = {
  minimum: larger,
  minLength: larger,
  minItems: larger,
  maximum: smaller,
  maxLength: smaller,
  maxItems: smaller,
  type: (own, added) => {
    const [mine, theirs] = [typesIn(own), typesIn(added)];
    const shared = mine.filter((type) => theirs.includes(type));
    if (theirs.includes('number') && mine.includes('integer')) shared.push('integer');
    if (mine.includes('number') && theirs.includes('integer')) shared.push('integer');
    const [only, ...others] = [...new Set(shared)];
    // Of two types that exclude each other, the server's is as good: no call can be right.
    return only === undefined ? own : others.length === 0 ? only : [...new Set(shared)];
  },
  enum: (own, added) => {
    const shared = listOf(own).filter((one) => listOf(added).some((two) => isSame(one, two)));
    return shared.length > 0 ? shared : added;
  },
  allOf: (own, added) => [...listOf(own), ...listOf(added)],
  required: (own, added) => [...new Set([...listOf(own), ...listOf(added)])],
};

const typesIn = (type: Json): readonly string[] =>
  [type].flat().filter((one): one is string => typeof one === 'string');
