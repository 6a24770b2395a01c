/**
 * What constraints on a tool's arguments mean together, written as plainly as possible: over the
 * JSON itself and with none of the code under test. Slow, unbounded and without a token.
 */
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { ArgumentConstraints } from '../../../src/capability/index.ts';
import { meets } from './kinds/index.ts';

/** Whether the constraints allow a call of the tool with these arguments. */
export function naivelyAllowed(args: JsonObject, rules: ArgumentConstraints): boolean {
  if (!Object.keys(args).every((name) => rules.arguments.includes(name))) return false;
  const entries = Object.entries(rules.constraints).map(
    ([pointer, constraint]) => ({ path: segments(pointer), constraint }) as const,
  );
  return entries.every(
    ({ path, constraint }) =>
      meets('absent' in constraint ? findAnywhere(args, path) : find(args, path), constraint) &&
      path.slice(1).every((_, i) => {
        const holder = find(args, path.slice(0, i + 1));
        const within = entries.filter(
          (other) =>
            !('absent' in other.constraint) &&
            other.path.length > i + 1 &&
            other.path.slice(0, i + 1).join('\0') === path.slice(0, i + 1).join('\0'),
        );
        if (within.length === 0) return true;
        const mayLack = within.every((other) => meets(undefined, other.constraint));
        if (holder === undefined) return mayLack && !isMisplaced(args, path.slice(0, i + 1));
        const members = within.map((other) => other.path[i + 1]);
        return isJsonObject(holder) && Object.keys(holder).every((name) => members.includes(name));
      }),
  );
}

const segments = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Finds members of objects only. */
function find(value: Json | undefined, [first, ...rest]: readonly string[]): Json | undefined {
  if (first === undefined) return value;
  return isJsonObject(value) && Object.hasOwn(value, first) ? find(value[first], rest) : undefined;
}

/** Finds elements of arrays, too: an argument that must be absent must not be an element either. */
function findAnywhere(
  value: Json | undefined,
  [first, ...rest]: readonly string[],
): Json | undefined {
  if (first === undefined || !Array.isArray(value)) {
    return first === undefined ? value : findAnywhere(find(value, [first]), rest);
  }
  return findAnywhere(Object.entries(value).find(([index]) => index === first)?.[1] as Json, rest);
}

/** Whether something other than an object is where the path needs one. */
const isMisplaced = (args: JsonObject, path: readonly string[]): boolean =>
  path.some((_, i) => {
    const holder = find(args, path.slice(0, i));
    return holder !== undefined && !isJsonObject(holder);
  });
