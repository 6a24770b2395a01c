import * as v from 'valibot';
import { canonicalJson } from '../canonical-json.ts';
import { concatBytes, fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../encoding.ts';
import { ISSUER_KEYS_MAX, KEY_ID_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';

/** A root key under which the issuer's tokens count: its id, and 32 bytes in lower-case hex. */
const keySchema = v.strictObject({
  id: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(KEY_ID_MAX)),
  publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});

export type HeadKey = v.InferOutput<typeof keySchema>;

/** The newest statement of the feed: how far the log goes, and when its keeper last said so. */
const headSchema = v.strictObject({
  v: v.literal(1),
  issuer: v.pipe(v.string(), v.maxLength(512)),
  /** Raised when the log is restored or re-keyed; `seq` counts within it. */
  epoch: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  /** SHA-256 chain over all entries up to `seq`, lower-case hex. */
  chain: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /**
   * Unix seconds. Freshness is this, not "something changed": silence must not look like health.
   */
  issued_at: v.pipe(v.number(), v.safeInteger()),
  /**
   * The issuer's public root keys, whole: a verifier that takes its keys from the feed counts these
   * and no others, so a key that is left out is taken back.
   */
  keys: v.pipe(
    v.array(keySchema),
    v.minLength(1),
    v.maxLength(ISSUER_KEYS_MAX),
    v.check((keys) => new Set(keys.map(({ id }) => id)).size === keys.length),
  ),
});

export type Head = v.InferOutput<typeof headSchema>;

/** A head on the wire: the exact bytes that were signed, and the signature over them. */
const signedHeadSchema = v.strictObject({
  payload: v.pipe(v.string(), v.maxLength(4_096)),
  signature: v.pipe(v.string(), v.length(86)),
});

export type SignedHead = v.InferOutput<typeof signedHeadSchema>;

export type HeadError = { readonly code: 'head_malformed' } | { readonly code: 'head_signature' };

// Keeps a feed signature from ever being read as a signature over something else, and vice versa.
const DOMAIN = utf8('hewn-feed-head-v1\0');

/** `sign` is Ed25519 with the feed key, which is not the mint key: who can revoke cannot mint. */
export async function signHead(
  head: Head,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<SignedHead> {
  const payload = utf8(canonicalJson({ ...head }));
  const signature = await sign(concatBytes(DOMAIN, payload));
  return { payload: toBase64Url(payload), signature: toBase64Url(signature) };
}

/** Shape, then signature, then content; says nothing yet of age or of roll-back. */
export async function openHead(
  value: unknown,
  feedKey: CryptoKey,
): Promise<Result<Head, HeadError>> {
  const wire = v.safeParse(signedHeadSchema, value);
  if (!wire.success) return refuse({ code: 'head_malformed' });
  const payload = fromBase64Url(wire.output.payload);
  const signature = fromBase64Url(wire.output.signature);
  if (!payload || !signature) return refuse({ code: 'head_malformed' });
  const signed = concatBytes(DOMAIN, payload);
  if (!(await crypto.subtle.verify('Ed25519', feedKey, signature, signed))) {
    return refuse({ code: 'head_signature' });
  }
  const head = v.safeParse(headSchema, parse(fromUtf8(payload)));
  return head.success ? ok(head.output) : refuse({ code: 'head_malformed' });
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
