import type { Json, JsonObject } from '../canonical-json.ts';
import type { CatalogueTool, SinkMark } from '../catalogue/index.ts';
import { EACH_ELEMENT } from '../json-pointer.ts';
import { valuesAt } from './values-at.ts';

/**
 * Returns whether a call goes only to destinations of the owner: it has a value at one sink at
 * least, and each value at each sink is one that the catalogue states as `sameOwner` or `safe`.
 */
export function goesToSameOwner({ sinks, sink = [] }: CatalogueTool, args: JsonObject): boolean {
  const destinations = sinks.flatMap((pointer) => {
    const mark = sink.find(({ argument }) => argument === pointer);
    return valuesAt(args, pointer).map((value) => mark !== undefined && isOfOwner(mark, value));
  });
  return destinations.length > 0 && destinations.every(Boolean);
}

function isOfOwner({ safe = [], sameOwner = [] }: SinkMark, value: Json): boolean {
  if (safe.some((one) => one === value)) return true;
  return typeof value === 'string' && sameOwner.some((stated) => isStated(stated, value));
}

/** The part before `@` or `.` has no character that could end an address or begin another. */
const NAME = /^[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*$/;

function isStated(stated: string, value: string): boolean {
  const text = value.toLowerCase();
  if (!stated.startsWith(EACH_ELEMENT)) return text === stated.toLowerCase();
  const end = stated.slice(1).toLowerCase();
  return text.endsWith(end) && NAME.test(text.slice(0, -end.length));
}
