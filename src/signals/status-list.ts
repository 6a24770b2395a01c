import type { UnixSeconds } from '../clock.ts';
import { fromBase64Url, toBase64Url } from '../encoding.ts';
import { STATUS_LIST_TTL_SECONDS } from '../limits.ts';
import type { Status } from './change.ts';

const STATUS_LIST_SECONDS = 600; // Validity. A reader that cannot fetch a newer list fails closed.
const STATUS_LIST_BYTES_MAX = 1024 * 1024; // Unpacked: four million workflows.

/** The `typ` of the token, and its media type without prefix (draft section 5.1). */
export const STATUS_LIST_TYPE = 'statuslist+jwt';

/** Of one entry. Two bits are enough for three statuses. */
const BITS = 2;
const CODES: readonly Status[] = ['valid', 'invalid', 'suspended'];

/** The list in a status list token (draft-ietf-oauth-status-list section 4.2). */
export interface StatusListBody {
  readonly bits: number;
  /** base64url of the packed list in zlib format (RFC 1950). */
  readonly lst: string;
}

/**
 * Packs a list of `entries` workflows, all valid except the marked ones. Throws a RangeError for an
 * index beyond the list: that is a bug, and ignoring it would lose a workflow's status.
 */
export async function packStatuses(
  entries: number,
  marks: Iterable<readonly [index: number, status: Status]>,
): Promise<StatusListBody> {
  const packed = new Uint8Array(Math.ceil((entries * BITS) / 8));
  for (const [index, status] of marks) {
    if (!Number.isInteger(index) || index < 0 || index >= entries) {
      throw new RangeError('An index lies outside its status list.');
    }
    const byte = index >> 2;
    // Section 4.1: the first entry is in the least significant bits.
    const shift = (index & 3) * BITS;
    packed[byte] = ((packed[byte] ?? 0) & ~(3 << shift)) | (CODES.indexOf(status) << shift);
  }
  return { bits: BITS, lst: toBase64Url(await through(packed, new CompressionStream('deflate'))) };
}

export type StatusFault = 'list_malformed' | 'index_outside' | 'status_unknown';

/** Returns the status at `index`, or why it cannot be read. Unpacks a bounded number of bytes. */
export async function statusAt(
  { bits, lst }: StatusListBody,
  index: number,
): Promise<Status | { readonly fault: StatusFault }> {
  const zipped = fromBase64Url(lst);
  if (!zipped || ![1, 2, 4, 8].includes(bits)) return { fault: 'list_malformed' };
  const packed = await unpack(zipped);
  if (!packed) return { fault: 'list_malformed' };
  const perByte = 8 / bits;
  const byte = packed[Math.floor(index / perByte)];
  if (!Number.isInteger(index) || index < 0 || byte === undefined) {
    return { fault: 'index_outside' };
  }
  const code = (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
  return CODES[code] ?? { fault: 'status_unknown' };
}

/** Unpacks a list. A few bytes could unpack to gigabytes, so a limit applies. */
async function unpack(zipped: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined> {
  try {
    return await through(zipped, new DecompressionStream('deflate'), STATUS_LIST_BYTES_MAX);
  } catch {
    return undefined;
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
  bytesMax = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  const reader = (piped as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new RangeError('The unpacked list is too large.');
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** The claims of a status list token (draft section 5.1). */
export interface StatusListClaims {
  readonly iss: string;
  /** The URI of the list, so a token of one list is not valid for another. */
  readonly sub: string;
  readonly iat: UnixSeconds;
  readonly exp: UnixSeconds;
  readonly ttl: number;
  readonly status_list: StatusListBody;
}

/** Returns the claims of a token for a packed list. */
export const statusListClaims = (
  issuer: string,
  uri: string,
  body: StatusListBody,
  now: UnixSeconds,
): StatusListClaims => ({
  iss: issuer,
  sub: uri,
  iat: now,
  exp: now + STATUS_LIST_SECONDS,
  ttl: STATUS_LIST_TTL_SECONDS,
  status_list: body,
});
