import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';

/**
 * Returns the values of a call at a pointer of the catalogue. If the arguments have another form
 * than the pointer expects, the value where they differ counts, so that none is overlooked.
 */
export const valuesAt = (args: JsonObject, pointer: string): readonly Json[] =>
  below(args, readPointer(pointer) ?? []);

function below(value: Json, [segment, ...rest]: readonly string[]): readonly Json[] {
  if (segment === undefined) return [value].flat();
  if (Array.isArray(value) && segment === EACH_ELEMENT) {
    return value.flatMap((item) => below(item ?? null, rest));
  }
  if (Array.isArray(value) && /^\d+$/.test(segment))
    return below(value[Number(segment)] ?? null, rest);
  if (!isJsonObject(value)) return [value];
  const member = Object.hasOwn(value, segment) ? value[segment] : undefined;
  return member === undefined ? [] : below(member, rest);
}
