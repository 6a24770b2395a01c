import { concatBytes } from '../../encoding.ts';
import { parseJson } from './shape.ts';
import type { Signed } from './signed.ts';

/**
 * A head and what goes with it in one piece, for a socket's message and for a file
 * (docs/reference/feed.md, "Messages and files"): the length of each part, u32, and the part; the
 * last takes the rest.
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

/** The head, not opened yet, and so many parts; undefined where a length points beyond the end. */
export function unpackHead(
  bytes: Uint8Array<ArrayBuffer>,
  count: number,
): { head: unknown; parts: Uint8Array<ArrayBuffer>[] } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (; parts.length < count; ) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + view.getUint32(at);
    if (end > bytes.length) return undefined;
    parts.push(bytes.subarray(at + 4, end));
    at = end;
  }
  const [head = new Uint8Array(), ...rest] = parts;
  return { head: parseJson(head), parts: [...rest, bytes.subarray(at)] };
}
