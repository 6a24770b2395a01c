import { fromBase64Url, toBase64Url } from '../encoding.ts';
import { STATUS_LIST_TTL_SECONDS } from '../limits.ts';
import type { Status } from './change.ts';

const STATUS_LIST_SECONDS = 600; // Signed for so long: who cannot ask again stops.
const STATUS_LIST_BYTES_MAX = 1024 * 1024; // Unpacked: four million workflows.

/** draft-ietf-oauth-status-list section 5.1: the `typ` of the token, and with a prefix its type. */
export const STATUS_LIST_TYPE = 'statuslist+jwt';

/** Of one entry: enough for the three statuses that there are. */
const BITS = 2;
const CODES: readonly Status[] = ['valid', 'invalid', 'suspended'];

export interface StatusListBody {
  readonly bits: number;
  /** base64url of the packed list in zlib format (RFC 1950). */
  readonly lst: string;
}

/**
 * A list of `entries` workflows, all valid but the marked ones. An index beyond the list is a bug
 * and throws: it would be somebody's status that is silently lost.
 */
export async function packStatuses(
  entries: number,
  marks: Iterable<readonly [index: number, status: Status]>,
): Promise<StatusListBody> {
  const packed = new Uint8Array(Math.ceil((entries * BITS) / 8));
  for (const [index, status] of marks) {
    if (!Number.isInteger(index) || index < 0 || index >= entries) {
      throw new RangeError('an index lies outside its status list');
    }
    const at = index >> 2;
    // Section 4.1: the first entry is in the least significant bits.
    const shift = (index & 3) * BITS;
    packed[at] = ((packed[at] ?? 0) & ~(3 << shift)) | (CODES.indexOf(status) << shift);
  }
  return { bits: BITS, lst: toBase64Url(await through(packed, new CompressionStream('deflate'))) };
}

export type StatusFault = 'list_malformed' | 'index_outside' | 'status_unknown';

/** The status at `index`, or why there is none. Unpacks no more than a bound, whatever comes. */
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

/** A few bytes may unpack to gigabytes: what is over the limit is not a list. */
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
      throw new RangeError('too large when unpacked');
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Claims of a status list token (section 5.1). */
export interface StatusListClaims {
  readonly iss: string;
  /** The list's own URI: a token of one list does not pass for another. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  readonly ttl: number;
  readonly status_list: StatusListBody;
}

/** `now` in unix seconds. */
export const statusListClaims = (
  issuer: string,
  uri: string,
  body: StatusListBody,
  now: number,
): StatusListClaims => ({
  iss: issuer,
  sub: uri,
  iat: now,
  exp: now + STATUS_LIST_SECONDS,
  ttl: STATUS_LIST_TTL_SECONDS,
  status_list: body,
});
