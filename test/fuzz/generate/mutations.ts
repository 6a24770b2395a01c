/** Changes to bytes: random ones, and ones that know the structure of a token. */
import { concatBytes } from '../../../src/encoding.ts';
import { type Bytes, bytes, type Field, int, readFields, varint } from '../../forge/index.ts';
import type { Random } from './random.ts';

type Mutation = (random: Random, input: Bytes) => Bytes;

const splice = (input: Bytes, start: number, removed: number, inserted: Uint8Array): Bytes =>
  concatBytes(input.subarray(0, start), inserted, input.subarray(start + removed));

const someBytes = (random: Random): Uint8Array =>
  Uint8Array.from(random.list(1, 4, () => random.below(256)));

const BLIND: readonly [Mutation, ...Mutation[]] = [
  function flipBit(random, input) {
    const at = random.below(input.length);
    return splice(input, at, 1, Uint8Array.of((input[at] ?? 0) ^ (1 << random.below(8))));
  },
  function setByte(random, input) {
    return splice(input, random.below(input.length), 1, Uint8Array.of(random.below(256)));
  },
  (random, input) => input.slice(0, random.below(input.length)),
  (random, input) => concatBytes(input, someBytes(random)),
  (random, input) => splice(input, random.below(input.length), 0, someBytes(random)),
  (random, input) =>
    splice(input, random.below(input.length), 1 + random.below(3), new Uint8Array()),
  function repeatRange(random, input) {
    const start = random.below(input.length);
    const range = input.slice(start, start + 1 + random.below(16));
    return splice(input, random.below(input.length), 0, range);
  },
];

/** Makes one random change. */
export const mutateBytes: Mutation = (random, input) =>
  input.length === 0 ? someBytes(random).slice() : random.pick(BLIND)(random, input);

const write = ({ field, value }: Field): Bytes =>
  typeof value === 'bigint' ? int(field, value) : bytes(field, value);

const NUMBERS = [
  0n,
  1n,
  2n,
  3n,
  6n,
  7n,
  27n,
  28n,
  1023n,
  1024n,
  1025n,
  1n << 31n,
  1n << 32n,
  1n << 63n,
] as const;

function changeField(random: Random, { field, value }: Field): Field {
  if (random.chance(0.15)) return { field: random.below(12), value };
  if (typeof value !== 'bigint') return { field, value: mutateMessage(random, value) };
  const near = value + BigInt(random.below(5) - 2);
  return { field, value: random.chance(0.5) ? random.pick(NUMBERS) : BigInt.asUintN(64, near) };
}

function changeFields(random: Random, fields: readonly Field[]): readonly Field[] {
  const at = random.below(fields.length);
  const chosen = fields[at];
  if (chosen === undefined) return [{ field: 1 + random.below(10), value: random.pick(NUMBERS) }];
  const others = fields.filter((_, i) => i !== at);
  const kind = random.below(10);
  if (kind === 0) return others;
  if (kind === 1) return [...fields, chosen];
  if (kind === 2) return [chosen, ...others];
  if (kind === 3) return [...others, chosen];
  return fields.map((field, i) => (i === at ? changeField(random, field) : field));
}

/**
 * Makes one change somewhere in the tree of a message: a field is removed, repeated or moved, or
 * has another number or value. Bytes that are not a message are changed at random.
 */
export function mutateMessage(random: Random, input: Bytes): Bytes {
  if (random.chance(0.1)) return mutateBytes(random, input);
  let fields: readonly Field[];
  try {
    fields = readFields(input);
  } catch {
    return mutateBytes(random, input);
  }
  // Otherwise text that can be read as a message would never be changed as text.
  if (fields.length === 0) return mutateBytes(random, input);
  return concatBytes(...changeFields(random, fields).map(write));
}

/** Removes, repeats or reorders blocks of a token, or takes some from another token. */
export function rearrange(random: Random, token: Bytes, other: Bytes): Bytes {
  const fields = readFields(token);
  const isBlock = ({ field }: Field): boolean => field === 2 || field === 3;
  const foreign = readFields(other);
  const at = random.below(fields.length);
  const pick = (from: readonly Field[]): Field =>
    from[random.below(from.length)] ?? { field: 3, value: varint(0) };
  const kinds: readonly [() => readonly Field[], ...(() => readonly Field[])[]] = [
    () => fields.filter((field, i) => i !== at || !isBlock(field)),
    () => fields.flatMap((field, i) => (i === at ? [field, field] : [field])),
    () => fields.map((field, i) => (i === at ? pick(fields) : field)),
    () => fields.map((field, i) => (i === at ? pick(foreign) : field)),
    () => [...fields.slice(0, at), pick(foreign), ...fields.slice(at)],
    () => [
      ...fields.filter(({ field }) => field !== 4),
      ...foreign.filter(({ field }) => field === 4),
    ],
    () => [...fields].sort(() => random.next() - 0.5),
  ];
  return concatBytes(...random.pick(kinds)().map(write));
}
