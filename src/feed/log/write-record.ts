import { concatBytes, fromHex, utf8 } from '../../encoding.ts';
import { BEFORE_NOTHING, type FeedEntry, isEntry } from '../format/entry.ts';
import { RECORD_KINDS } from '../format/record-kinds.ts';
import { WATERMARK_SCOPES } from '../format/watermark.ts';

/** Throws a TypeError for what is no entry: whoever appends checks first, with `isEntry`. */
export function encodeEntry(entry: FeedEntry): Uint8Array<ArrayBuffer> {
  if (!isEntry(entry)) throw new TypeError(`an entry of kind ${entry.kind} that has no record`);
  const { kind, seq, at, expires } = entry;
  const isScoped = 'scope' in entry;
  const head = [
    Uint8Array.of(RECORD_KINDS.indexOf(isScoped ? 'watermark' : entry.kind) + 1),
    uint48(seq),
    uint48(at),
    uint48(expires),
  ];
  if (isScoped) {
    const value = utf8(entry.value);
    const scope = WATERMARK_SCOPES.indexOf(entry.scope);
    const before = 'before' in entry ? entry.before : BEFORE_NOTHING;
    const length = Uint8Array.of(value.length >> 8, value.length);
    return concatBytes(...head, Uint8Array.of(scope), uint48(before), length, value);
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
