import { concatBytes, fromHex, fromUtf8, toHex, utf8 } from '../encoding.ts';
import { type FeedEntry, isEntry } from './entry.ts';
import { WATERMARK_SCOPES, type WatermarkScope } from './watermark.ts';

/**
 * An entry as bytes: one form for each entry, and one entry for each form, so that a chain over
 * records is a chain over entries (docs/feed.md, "Records"). Integers are big-endian.
 *
 *   kind u8 · seq u48 · at u48 · expires u48 · then by kind
 *   1 watermark: scope u8 · before u48 · length u16 · value
 *   2 workflow, 3 block, 4 suspension: length u8 · id
 *   5 resumption: gen u48 · length u8 · id
 */
const KINDS = ['watermark', 'workflow', 'block', 'suspension', 'resumption'] as const;

/** Throws a TypeError for what is no entry: whoever appends checks first, with `isEntry`. */
export function encodeEntry(entry: FeedEntry): Uint8Array<ArrayBuffer> {
  if (!isEntry(entry)) throw new TypeError(`an entry of kind ${entry.kind} that has no record`);
  const { kind, seq, at, expires } = entry;
  const head = [Uint8Array.of(KINDS.indexOf(kind) + 1), uint48(seq), uint48(at), uint48(expires)];
  if (kind === 'watermark') {
    const value = utf8(entry.value);
    const scope = WATERMARK_SCOPES.indexOf(entry.scope);
    const length = Uint8Array.of(value.length >> 8, value.length);
    return concatBytes(...head, Uint8Array.of(scope), uint48(entry.before), length, value);
  }
  const id = kind === 'block' ? (fromHex(entry.id) ?? new Uint8Array()) : utf8(entry.id);
  const gen = kind === 'resumption' ? uint48(entry.gen) : new Uint8Array();
  return concatBytes(...head, gen, Uint8Array.of(id.length), id);
}

function uint48(value: number): Uint8Array {
  const bytes = new Uint8Array(6);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, value / 2 ** 32);
  view.setUint32(2, value % 2 ** 32);
  return bytes;
}

/** An entry and the very bytes that it was read from. */
export interface EntryRecord {
  readonly entry: FeedEntry;
  readonly record: Uint8Array<ArrayBuffer>;
}

/** The records that `bytes` is made of, to its last byte; undefined where anything is left over. */
export function decodeRecords(bytes: Uint8Array<ArrayBuffer>): EntryRecord[] | undefined {
  const reader = new RecordReader(bytes);
  const records: EntryRecord[] = [];
  while (reader.at < bytes.length) {
    const from = reader.at;
    const entry = reader.entry();
    // A read beyond the end has come out as zeroes; what was made of them is not looked at.
    if (!entry || reader.at > bytes.length || !isEntry(entry)) return undefined;
    records.push({ entry, record: bytes.subarray(from, reader.at) });
  }
  return records;
}

class RecordReader {
  at = 0;
  readonly #bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  entry(): FeedEntry | undefined {
    const kind = KINDS[this.#uint(1) - 1];
    const position = { seq: this.#uint(6), at: this.#uint(6), expires: this.#uint(6) };
    if (kind === 'watermark') {
      const scope = WATERMARK_SCOPES[this.#uint(1)] as WatermarkScope;
      const before = this.#uint(6);
      const value = fromUtf8(this.#take(this.#uint(2)));
      return value === undefined ? undefined : { kind, ...position, scope, value, before };
    }
    if (kind === 'resumption') {
      const gen = this.#uint(6);
      const id = fromUtf8(this.#take(this.#uint(1)));
      return id === undefined ? undefined : { kind, ...position, id, gen };
    }
    const id = this.#take(this.#uint(1));
    const text = kind === 'block' ? toHex(id) : fromUtf8(id);
    return kind && text !== undefined ? { kind, ...position, id: text } : undefined;
  }

  #uint(bytes: number): number {
    let value = 0;
    for (let i = 0; i < bytes; i++) value = value * 256 + (this.#bytes[this.at++] ?? 0);
    return value;
  }

  #take(length: number): Uint8Array {
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }
}
