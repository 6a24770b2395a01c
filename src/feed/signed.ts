import { concatBytes, fromBase64Url, toBase64Url, utf8 } from '../encoding.ts';
import { ok, type Result, refuse } from '../result.ts';
import { exactMembers, isTextUpTo, parseJson } from './shape.ts';

/** A statement on the wire: the exact bytes that were signed, and the signature over them. */
export interface Signed {
  readonly payload: string;
  readonly signature: string;
}

/** base64url of 64 bytes. */
const SIGNATURE_CHARACTERS = 86;

export interface Form {
  /**
   * Stands before the signed bytes, so that a signature over one kind of statement is never one
   * over another.
   */
  readonly domain: string;
  /** Checked before anything is decoded. */
  readonly payloadBytesMax: number;
}

const signedBytes = ({ domain }: Form, payload: Uint8Array) =>
  concatBytes(utf8(`${domain}\0`), payload);

/** `sign` is Ed25519 under the key that the form belongs to. */
export async function signPayload(
  form: Form,
  payload: Uint8Array,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<Signed> {
  const signature = await sign(signedBytes(form, payload));
  return { payload: toBase64Url(payload), signature: toBase64Url(signature) };
}

/** Size, then shape, then signature, then content: what `read` is given was signed. */
export async function openSigned<T>(
  form: Form,
  wire: unknown,
  key: CryptoKey,
  read: (value: unknown) => T | undefined,
): Promise<Result<T, { code: 'malformed' | 'signature' }>> {
  const members = exactMembers(wire, ['payload', 'signature']);
  const payload = bytesOf(members?.payload, Math.ceil((form.payloadBytesMax * 4) / 3));
  const signature = bytesOf(members?.signature, SIGNATURE_CHARACTERS);
  if (!payload || signature?.length !== 64) return refuse({ code: 'malformed' });
  if (!(await crypto.subtle.verify('Ed25519', key, signature, signedBytes(form, payload)))) {
    return refuse({ code: 'signature' });
  }
  const value = read(parseJson(payload));
  return value === undefined ? refuse({ code: 'malformed' }) : ok(value);
}

const bytesOf = (text: unknown, charactersMax: number) =>
  isTextUpTo(text, charactersMax) ? fromBase64Url(text) : undefined;
