import { canonicalJson, type Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import type { Head, SignedHead } from './head.ts';
import { HEAD_FORM, signPayload } from './signed.ts';

/** The bytes to be signed: a log appends no watermark that would take them over the limit. */
export const headPayload = (head: Head): Uint8Array<ArrayBuffer> =>
  utf8(canonicalJson(head as unknown as Json));

/** `sign` is Ed25519 with the feed key, which is not the mint key: who can revoke cannot mint. */
export const signHead = (
  head: Head,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<SignedHead> => signPayload(HEAD_FORM, headPayload(head), sign);
