import type { FeedEntry } from './entry.ts';
import { type FieldReader, isEntry, RECORD_KINDS } from './record-kinds.ts';

/** An entry, and the exact bytes that it was read from. */
export interface EntryRecord {
  readonly entry: FeedEntry;
  readonly record: Uint8Array<ArrayBuffer>;
}

/** By code. The kinds that share a code share their reader, which returns any of them. */
const READERS = new Map(Object.values(RECORD_KINDS).map(({ code, read }) => [code, read]));

/**
 * Decodes records that fill `bytes` exactly. Returns undefined if any of them is malformed or a
 * byte is left over.
 */
export function decodeRecords(bytes: Uint8Array<ArrayBuffer>): EntryRecord[] | undefined {
  const reader = new ByteReader(bytes);
  const records: EntryRecord[] = [];
  while (reader.offset < bytes.length) {
    const start = reader.offset;
    const entry = readEntry(reader);
    // A read past the end returned zeroes, so the entry made of them must not be used.
    if (!entry || reader.offset > bytes.length || !isEntry(entry)) return undefined;
    records.push({ entry, record: bytes.subarray(start, reader.offset) });
  }
  return records;
}

function readEntry(reader: FieldReader): FeedEntry | undefined {
  const read = READERS.get(reader.uint(1));
  return read?.(reader, { seq: reader.uint(6), at: reader.uint(6), expires: reader.uint(6) });
}

/** Reads past the end return zeroes and move the offset there. */
class ByteReader implements FieldReader {
  offset = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  uint(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + (this.#bytes[this.offset++] ?? 0);
    return value;
  }

  take(length: number): Uint8Array {
    this.offset += length;
    return this.#bytes.subarray(this.offset - length, this.offset);
  }
}
