import { concatBytes, fromHex, utf8 } from '../../encoding.ts';
import type { EntryKind, EntryOf, FeedEntry } from '../format/entry.ts';
import { BEFORE_NOTHING, isEntry, RECORD_KINDS } from '../format/record-kinds.ts';
import { WATERMARK_SCOPES, type Watermark } from '../format/watermark.ts';

/** The fields of each kind of entry after the common ones, as `RECORD_KINDS` reads them. */
const FIELDS: { readonly [Kind in EntryKind]: (entry: EntryOf<Kind>) => readonly Uint8Array[] } = {
  watermark: (entry) => scopedFields(entry),
  withdrawal: ({ scope, value }) => scopedFields({ scope, value, before: BEFORE_NOTHING }),
  denial: (entry) => scopedFields(entry),
  lift: ({ scope, value }) => scopedFields({ scope, value, before: BEFORE_NOTHING }),
  workflow: ({ id }) => idFields(utf8(id)),
  block: ({ id }) => idFields(fromHex(id) ?? new Uint8Array()),
  suspension: ({ id }) => idFields(utf8(id)),
  resumption: ({ id, gen }) => [uint48(gen), ...idFields(utf8(id))],
};

/** Encodes an entry. Throws a TypeError if it has no record: check with `isEntry` first. */
export function encodeEntry(entry: FeedEntry): Uint8Array<ArrayBuffer> {
  const { kind, seq, at, expires } = entry;
  if (!isEntry(entry)) throw new TypeError(`This ${kind} entry has no record: see isEntry.`);
  const code = Uint8Array.of(RECORD_KINDS[kind].code);
  const fields = FIELDS[kind](entry as never);
  return concatBytes(code, uint48(seq), uint48(at), uint48(expires), ...fields);
}

function scopedFields({ scope, value, before }: Watermark): readonly Uint8Array[] {
  const bytes = utf8(value);
  const length = Uint8Array.of(bytes.length >> 8, bytes.length);
  return [Uint8Array.of(WATERMARK_SCOPES.indexOf(scope)), uint48(before), length, bytes];
}

const idFields = (id: Uint8Array): readonly Uint8Array[] => [Uint8Array.of(id.length), id];

function uint48(value: number): Uint8Array {
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, value / 2 ** 32);
  view.setUint32(2, value % 2 ** 32);
  return bytes;
}
