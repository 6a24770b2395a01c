import { fromUtf8, toHex } from '../../encoding.ts';
import {
  BEFORE_NOTHING,
  type FeedEntry,
  isEntry,
  NEVER_EXPIRES,
  type ScopedEntry,
} from './entry.ts';
import { RECORD_KINDS } from './record-kinds.ts';
import { WATERMARK_SCOPES, type WatermarkScope } from './watermark.ts';

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
    const kind = RECORD_KINDS[this.#uint(1) - 1];
    const position = { seq: this.#uint(6), at: this.#uint(6), expires: this.#uint(6) };
    if (kind === 'watermark') {
      const scope = WATERMARK_SCOPES[this.#uint(1)] as WatermarkScope;
      const before = this.#uint(6);
      const value = fromUtf8(this.#take(this.#uint(2)));
      return value === undefined ? undefined : scoped({ ...position, scope, value }, before);
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

/** Which of the four kinds the form of a watermark says. */
function scoped(
  said: Omit<Extract<ScopedEntry, { kind: 'lift' }>, 'kind'>,
  before: number,
): ScopedEntry {
  const isLasting = said.expires === NEVER_EXPIRES;
  return before === BEFORE_NOTHING
    ? { kind: isLasting ? 'lift' : 'withdrawal', ...said }
    : { kind: isLasting ? 'denial' : 'watermark', ...said, before };
}
