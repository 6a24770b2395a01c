import { canonicalJson } from '../canonical-json.ts';
import { concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../encoding.ts';
import { ISSUER_KEYS_MAX, KEY_ID_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { exactMembers, isInteger, isIntegerFrom, isTextUpTo } from './shape.ts';

/** A root key under which the issuer's tokens count: its id, and 32 bytes in lower-case hex. */
export interface HeadKey {
  readonly id: number;
  readonly publicKey: string;
}

/** The newest statement of the feed: how far the log goes, and when its keeper last said so. */
export interface Head {
  readonly v: 1;
  readonly issuer: string;
  /** Raised when the log is restored or re-keyed; `seq` counts within it. */
  readonly epoch: number;
  readonly seq: number;
  /** SHA-256 chain over all entries up to `seq`, lower-case hex. */
  readonly chain: string;
  /**
   * Unix seconds. Freshness is this, not "something changed": silence must not look like health.
   */
  readonly issued_at: number;
  /**
   * The issuer's public root keys, whole: a verifier that takes its keys from the feed counts these
   * and no others, so a key that is left out is taken back.
   */
  readonly keys: readonly HeadKey[];
}

/** A head on the wire: the exact bytes that were signed, and the signature over them. */
export interface SignedHead {
  readonly payload: string;
  readonly signature: string;
}

/** UTF-16 units. */
const ISSUER_MAX = 512;
const PAYLOAD_MAX = 4_096;
/** base64url of 64 bytes. */
const SIGNATURE_CHARACTERS = 86;

function readSignedHead(value: unknown): SignedHead | undefined {
  const members = exactMembers(value, ['payload', 'signature']);
  if (!members) return undefined;
  const { payload, signature } = members;
  if (!isTextUpTo(payload, PAYLOAD_MAX)) return undefined;
  if (!isTextUpTo(signature, SIGNATURE_CHARACTERS)) return undefined;
  return signature.length === SIGNATURE_CHARACTERS ? { payload, signature } : undefined;
}

function readHead(value: unknown): Head | undefined {
  const members = exactMembers(value, HEAD_MEMBERS);
  if (!members) return undefined;
  const { v, issuer, epoch, seq, chain, issued_at } = members;
  const keys = readKeys(members.keys);
  if (v !== 1 || !isTextUpTo(issuer, ISSUER_MAX) || !isInteger(issued_at)) return undefined;
  if (!isIntegerFrom(epoch, 1) || !isIntegerFrom(seq, 0)) return undefined;
  if (typeof chain !== 'string' || !/^[0-9a-f]{64}$/.test(chain)) return undefined;
  return keys && { v, issuer, epoch, seq, chain, issued_at, keys };
}

const HEAD_MEMBERS = ['v', 'issuer', 'epoch', 'seq', 'chain', 'issued_at', 'keys'] as const;

/** At least one and no id twice: a head without keys would silently take every one back. */
function readKeys(value: unknown): readonly HeadKey[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > ISSUER_KEYS_MAX) {
    return undefined;
  }
  const keys: HeadKey[] = [];
  for (const one of value) {
    const members = exactMembers(one, ['id', 'publicKey']);
    if (!members) return undefined;
    const { id, publicKey } = members;
    if (!isIntegerFrom(id, 0) || id > KEY_ID_MAX) return undefined;
    if (typeof publicKey !== 'string' || !/^[0-9a-f]{64}$/.test(publicKey)) return undefined;
    keys.push({ id, publicKey });
  }
  return new Set(keys.map(({ id }) => id)).size === keys.length ? keys : undefined;
}

export type HeadError = { readonly code: 'head_malformed' } | { readonly code: 'head_signature' };

// Keeps a feed signature from ever being read as a signature over something else, and vice versa.
const DOMAIN = utf8('hewn-feed-head-v1\0');

/** `sign` is Ed25519 with the feed key, which is not the mint key: who can revoke cannot mint. */
export async function signHead(
  head: Head,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<SignedHead> {
  const payload = utf8(canonicalJson({ ...head, keys: head.keys.map((key) => ({ ...key })) }));
  const signature = await sign(concatBytes(DOMAIN, payload));
  return { payload: toBase64Url(payload), signature: toBase64Url(signature) };
}

/** Shape, then signature, then content; says nothing yet of age or of roll-back. */
export async function openHead(
  value: unknown,
  feedKey: CryptoKey,
): Promise<Result<Head, HeadError>> {
  const wire = readSignedHead(value);
  if (!wire) return refuse({ code: 'head_malformed' });
  const payload = fromBase64Url(wire.payload);
  const signature = fromBase64Url(wire.signature);
  if (!payload || !signature) return refuse({ code: 'head_malformed' });
  const signed = concatBytes(DOMAIN, payload);
  if (!(await crypto.subtle.verify('Ed25519', feedKey, signature, signed))) {
    return refuse({ code: 'head_signature' });
  }
  const head = readHead(parse(fromUtf8(payload)));
  return head ? ok(head) : refuse({ code: 'head_malformed' });
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
