/**
 * Changes to JSON: one place in the tree is removed, repeated, renamed, or has another type or
 * size.
 */
import { isJsonObject, type Json, type JsonObject } from '../../../src/canonical-json.ts';
import type { Random } from '../generate/random.ts';
import { mutateText, somePiece } from './text.ts';

const NUMBERS: readonly [number, ...number[]] = [
  ...([0, -0, 1, -1, 2, 16, 32, 33, 64, 128, 129, 255, 256, 300, 301, 360, 512, 3_600] as const),
  ...[
    0.5,
    1.5,
    0.000001,
    12.345678,
    0.1 + 0.2,
    1e-7,
    1e15,
    1e21,
    1e308,
    5e-324,
    2 ** 31,
    2 ** 53,
    2 ** 53 + 2,
    2 ** 63,
  ],
];

const nested = (depth: number): Json => {
  let value: Json = 'deep';
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
};

function someValue(random: Random): Json {
  switch (random.below(8)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick(NUMBERS);
    case 3:
      return [];
    case 4:
      return {};
    case 5:
      return nested(random.pick([1, 3, 16, 17, 70]));
    case 6:
      return random.list(0, 3, () => somePiece(random));
    default:
      return somePiece(random);
  }
}

const NAMES: readonly [string, ...string[]] = [
  '__proto__',
  'constructor',
  'toString',
  '',
  '*',
  'a',
];

const replaceMember = (
  value: JsonObject,
  at: number,
  replace: (name: string, member: Json) => readonly (readonly [string, Json])[],
): JsonObject =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, member], i) =>
      i === at ? replace(name, member) : [[name, member] as const],
    ),
  );

function mutateObject(random: Random, value: JsonObject): Json {
  const size = Object.keys(value).length;
  const at = random.below(size);
  switch (size === 0 ? 5 : random.below(16)) {
    case 0:
      return replaceMember(value, at, () => []);
    case 1:
      return replaceMember(value, at, (name, member) => [[mutateText(random, name), member]]);
    case 2:
      return replaceMember(value, at, (name, member) => [
        [name, member],
        [`${name}${somePiece(random)}`, member],
      ]);
    case 3:
      return replaceMember(value, at, (name) => [[name, someValue(random)]]);
    case 4:
      return [value];
    case 5:
      return { ...value, [random.pick(NAMES)]: someValue(random) };
    case 6:
      // Some object schemas accept a list.
      return random.chance(0.5) ? [] : Object.values(value);
    default:
      return replaceMember(value, at, (name, member) => [[name, mutateJson(random, member)]]);
  }
}

function mutateArray(random: Random, value: readonly Json[]): Json {
  const at = random.below(value.length);
  const item = value[at] ?? somePiece(random);
  switch (value.length === 0 ? 2 : random.below(10)) {
    case 0:
      return value.filter((_, i) => i !== at);
    case 1:
      return [...value, item];
    case 2:
      return [...value, someValue(random)];
    case 3:
      return Array<Json>(random.pick([2, 16, 17, 32, 33, 65, 130])).fill(item);
    case 4:
      return [value];
    default:
      return value.map((each, i) => (i === at ? mutateJson(random, each) : each));
  }
}

/** Makes one change somewhere in the tree. */
export function mutateJson(random: Random, value: Json): Json {
  if (random.chance(0.06)) return someValue(random);
  if (Array.isArray(value)) return mutateArray(random, value);
  if (isJsonObject(value)) return mutateObject(random, value);
  if (typeof value === 'string') return mutateText(random, value);
  if (typeof value !== 'number') return someValue(random);
  return random.chance(0.5)
    ? value + random.pick([-1, 1, 0.5, 60, -400, 400])
    : random.pick(NUMBERS);
}

export function mutateJsonOften(random: Random, value: Json): Json {
  let changed = value;
  for (let left = 1 + random.below(2); left > 0; left--) changed = mutateJson(random, changed);
  return changed;
}

/**
 * Returns the value as text. Sometimes a member is repeated, of which some readers use the first
 * and some the second, or the text is changed so that it is no longer JSON.
 */
export function writeJson(random: Random, value: Json): string {
  const text = JSON.stringify(value);
  if (random.chance(0.8)) return text;
  if (random.chance(0.5)) return mutateText(random, text);
  const names = [...text.matchAll(/"((?:[^"\\]|\\.)*)":/g)];
  const braces = [...text.matchAll(/\{(?=")/g)];
  const name = names[random.below(names.length)]?.[1] ?? 'a';
  const at = (braces[random.below(braces.length)]?.index ?? 0) + 1;
  return `${text.slice(0, at)}"${name}":${JSON.stringify(someValue(random))},${text.slice(at)}`;
}
