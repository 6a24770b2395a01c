import { canonicalJson, type Json } from '../../canonical-json.ts';
import { toBase64Url, utf8 } from '../../encoding.ts';
import type { Head, SignedHead } from '../format/head.ts';
import { KILL_FORM, type KillStatement } from '../format/kill-statement.ts';
import { HEAD_FORM, type Signed, type SignedForm, signedBytes } from '../format/signed.ts';

/** Signs with Ed25519 under one key, which may be held elsewhere. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/**
 * Returns the payload of a head, the bytes that its signature covers. A log appends no watermark
 * that would take them over the limit of a head.
 */
export const headPayload = (head: Head): Uint8Array<ArrayBuffer> => payloadOf(head);

/**
 * Signs a head. `sign` uses the feed key, which is not the mint key: a stolen feed key cannot mint.
 */
export const signHead = (head: Head, sign: Sign): Promise<SignedHead> =>
  signPayload(HEAD_FORM, headPayload(head), sign);

/** Signs a kill statement. `sign` uses the operator's offline key, which signs nothing else. */
export const signKill = (kill: KillStatement, sign: Sign): Promise<Signed> =>
  signPayload(KILL_FORM, payloadOf(kill), sign);

const payloadOf = (statement: Head | KillStatement): Uint8Array<ArrayBuffer> =>
  utf8(canonicalJson(statement as unknown as Json));

/** Signs the payload of a statement under the domain of its form. */
export async function signPayload(
  { domain }: SignedForm,
  payload: Uint8Array,
  sign: Sign,
): Promise<Signed> {
  const signature = await sign(signedBytes(domain, payload));
  return { payload: toBase64Url(payload), signature: toBase64Url(signature) };
}
