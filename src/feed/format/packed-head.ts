import { concatBytes } from '../../encoding.ts';
import { parseJson } from './shape.ts';
import type { Signed } from './signed.ts';

/**
 * Packs a head and the parts that belong to it into one message or file (docs/reference/feed.md,
 * "Messages and files"). Each part is preceded by its length as u32, except the last one, which
 * takes the rest.
 */
export function packHead(head: Signed, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = [new TextEncoder().encode(JSON.stringify(head)), ...parts];
  return concatBytes(
    ...all.flatMap((part, index) => (index === all.length - 1 ? [part] : [uint32(part), part])),
  );
}

function uint32({ length }: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

/**
 * Unpacks a head, without opening it, and `count` parts. Returns undefined if a length points
 * beyond the end.
 */
export function unpackHead(
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
): { head: unknown; parts: Uint8Array<ArrayBuffer>[] } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  while (parts.length < count) {
    if (offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + view.getUint32(offset);
    if (end > bytes.length) return undefined;
    parts.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  const [head = new Uint8Array(), ...rest] = parts;
  return { head: parseJson(head), parts: [...rest, bytes.subarray(offset)] };
}
