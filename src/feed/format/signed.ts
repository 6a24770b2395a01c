import type { CryptoKey } from 'jose';
import { concatBytes, fromBase64Url, utf8 } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { exactly, type Form, parseJson, textUpTo } from './shape.ts';

const HEAD_PAYLOAD_BYTES_MAX = 16 * 1024; // Room for all keys and for watermarks of usual length.

/** A signed statement on the wire: the exact bytes, and the signature over them, in base64url. */
export interface Signed {
  readonly payload: string;
  readonly signature: string;
}

/** Of 64 bytes in base64url. */
const SIGNATURE_CHARACTERS = 86;

export interface SignedForm {
  /**
   * Precedes the signed bytes, so a signature over one kind of statement is never valid for
   * another.
   */
  readonly domain: string;
  /** Checked before decoding. */
  readonly payloadBytesMax: number;
}

/** The form of a head on the wire: its domain, and the largest payload in bytes. */
export const HEAD_FORM: SignedForm = {
  domain: 'hewn-feed-head-v2',
  payloadBytesMax: HEAD_PAYLOAD_BYTES_MAX,
};

/** Returns the bytes that a signature covers: the domain, a NUL, and the payload. */
export const signedBytes = (domain: string, payload: Uint8Array): Uint8Array<ArrayBuffer> =>
  concatBytes(utf8(`${domain}\0`), payload);

const isSigned = exactly<Signed>({
  payload: textUpTo(Number.MAX_SAFE_INTEGER),
  signature: textUpTo(SIGNATURE_CHARACTERS),
});

/** Checks size, shape, signature and content, in this order: `is` sees only signed values. */
export async function openSigned<T>(
  { domain, payloadBytesMax }: SignedForm,
  wire: unknown,
  key: CryptoKey,
  is: Form<T>,
): Promise<Result<T, { code: 'malformed' | 'signature' }>> {
  if (!isSigned(wire) || wire.payload.length > Math.ceil((payloadBytesMax * 4) / 3)) {
    return refuse({ code: 'malformed' });
  }
  const payload = fromBase64Url(wire.payload);
  const signature = fromBase64Url(wire.signature);
  if (!payload || signature?.length !== 64) return refuse({ code: 'malformed' });
  if (!(await crypto.subtle.verify('Ed25519', key, signature, signedBytes(domain, payload)))) {
    return refuse({ code: 'signature' });
  }
  const value = parseJson(payload);
  return is(value) ? ok(value) : refuse({ code: 'malformed' });
}
