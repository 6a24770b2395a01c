import { ok, type Result, refuse } from '../result.ts';

export const QUERY_BYTES_MAX = 8 * 1024; // As long as common servers accept a whole target.
const FIELDS_MAX = 128;

/** A name and a value, decoded. */
export type Field = readonly [name: string, value: string];

/**
 * Reads `name=value` pairs: a query, or a body of type `application/x-www-form-urlencoded`. Refuses
 * what readers split or decode differently: a name without `=`, an empty pair, and an encoding that
 * is not UTF-8. A plus sign is a space, as every form writes it.
 */
export function readFields(text: string): Result<readonly Field[], string> {
  if (text === '') return ok([]);
  const pairs = text.split('&');
  if (pairs.length > FIELDS_MAX) return refuse('too many fields');
  const fields: Field[] = [];
  for (const pair of pairs) {
    const [, name, value] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined) return refuse('a field that is not name=value');
    const [decodedName, decodedValue] = [decode(name), decode(value)];
    if (decodedName === undefined || decodedValue === undefined) {
      return refuse('a field that is not percent-encoded UTF-8');
    }
    fields.push([decodedName, decodedValue]);
  }
  return ok(fields);
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

/** Writes pairs in the one form that every reader decodes in the same way. */
export const writeFields = (fields: readonly Field[]): string =>
  fields.map((field) => field.map(encodeURIComponent).join('=')).join('&');
