import * as v from 'valibot';
import { concatBytes, fromUtf8, utf8 } from '../../../../src/encoding.ts';
import {
  decodeBundle,
  decodeTile,
  encodeBundle,
  encodeTile,
  HASH_BYTES,
  leafHash,
  TILE_HASHES,
} from '../../../../src/tlog/index.ts';
import type { Month, Months } from './paths.ts';
import type { Edge } from './tree.ts';

/**
 * The entries of a log that are in no full bundle, as the archive has them in one object: a line of
 * JSON, the hashes of the edge, and the entries as a bundle. Nothing else is needed to go on with
 * the tree.
 */
export interface Tail {
  /** The index of the first entry, a multiple of 256. */
  readonly floor: number;
  readonly months: Months;
  /** When it was written. Bundles that it fills belong to this month, also after a crash. */
  readonly month: Month;
  readonly edge: Edge;
  /** None in a tail of hashes alone. */
  readonly entries: readonly Uint8Array<ArrayBuffer>[];
  /** The hashes of the entries. */
  readonly leaves: readonly Uint8Array[];
}

/** The sides of the same entries, in an object of its own: it can be deleted apart. */
export interface SideTail {
  readonly floor: number;
  readonly months: Months;
  readonly month: Month;
  readonly sides: readonly Uint8Array<ArrayBuffer>[];
}

const HEADER = v.object({
  v: v.literal(1),
  floor: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.multipleOf(TILE_HASHES)),
  months: v.array(v.tuple([v.string(), v.number()])),
  month: v.string(),
  leaves: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(TILE_HASHES - 1))),
});

export const writeTail = ({ edge, entries, ...rest }: Omit<Tail, 'leaves'>) =>
  concatBytes(header(rest), ...edge.map(encodeTile), encodeBundle(entries));

/**
 * Returns a tail without its entries, for a log that has ended and whose last month is deleted: the
 * hashes of the entries, so that the tree and all proofs stay. The header has their number, and
 * they are where the entries would be.
 */
export const writeHashTail = ({ floor, months, month, edge, leaves }: Tail) =>
  concatBytes(
    header({ floor, months, month, leaves: leaves.length }),
    ...[...edge, leaves].map(encodeTile),
  );

/** Returns the tail; undefined if the bytes have another form. */
export function readTail(bytes: Uint8Array<ArrayBuffer>): Tail | undefined {
  const read = readHeader(bytes);
  if (!read) return undefined;
  const { floor, months, month } = read;
  let { begin } = read;
  const edge: (readonly Uint8Array[])[] = [];
  for (let row = floor / TILE_HASHES; row > 0; row = Math.floor(row / TILE_HASHES)) {
    const end = begin + (row % TILE_HASHES) * HASH_BYTES;
    if (end > bytes.length) return undefined;
    edge.push(end === begin ? [] : (decodeTile(bytes.slice(begin, end)) ?? []));
    begin = end;
  }
  const rest = bytes.slice(begin);
  const known = { floor, months, month, edge };
  if (read.leaves !== undefined) {
    const leaves = decodeTile(rest);
    return leaves?.length === read.leaves ? { ...known, leaves, entries: [] } : undefined;
  }
  const entries = decodeBundle(rest);
  return entries && { ...known, entries, leaves: entries.map(leafHash) };
}

export const writeSideTail = ({ sides, ...rest }: SideTail): Uint8Array<ArrayBuffer> =>
  concatBytes(header(rest), encodeSides(sides));

export function readSideTail(bytes: Uint8Array<ArrayBuffer>): SideTail | undefined {
  const read = readHeader(bytes);
  const sides = read && decodeSides(bytes.slice(read.begin));
  if (!sides) return undefined;
  const { floor, months, month } = read;
  return { floor, months, month, sides };
}

const LENGTH_BYTES = 4;

/** Returns sides as the bytes of an object: each after its length, four bytes, big-endian. */
export function encodeSides(sides: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts = sides.flatMap((side) => {
    const length = new Uint8Array(LENGTH_BYTES);
    new DataView(length.buffer).setUint32(0, side.length);
    return [length, side];
  });
  return concatBytes(...parts);
}

/** Returns the sides of an object; undefined if its bytes do not end with a side. */
export function decodeSides(bytes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const sides: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const begin = at + LENGTH_BYTES;
    const end = begin > bytes.length ? Number.POSITIVE_INFINITY : begin + view.getUint32(at);
    if (end > bytes.length) return undefined;
    sides.push(bytes.slice(begin, end) as Uint8Array<ArrayBuffer>);
    at = end;
  }
  return sides;
}

const header = ({ floor, months, month, leaves }: Header) =>
  utf8(`${JSON.stringify({ v: 1, floor, months, month, leaves })}\n`);

interface Header extends Pick<Tail, 'floor' | 'months' | 'month'> {
  /** How many entries of the tail are left as hashes only. */
  readonly leaves?: number;
}

function readHeader(
  bytes: Uint8Array<ArrayBuffer>,
): (Header & { readonly begin: number }) | undefined {
  const end = bytes.indexOf(0x0a);
  if (end === -1) return undefined;
  try {
    const read = v.safeParse(HEADER, JSON.parse(fromUtf8(bytes.slice(0, end)) ?? ''));
    if (!read.success) return undefined;
    const { leaves, ...rest } = read.output;
    return { ...rest, ...(leaves !== undefined && { leaves }), begin: end + 1 };
  } catch {
    return undefined;
  }
}
