import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { fromBase64Url } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';

const BUNDLE_KEYS_MAX = 64; // A token without a key id is tried against each of them.

/** A key of a bundle, with its public members only. */
export type BundleKey =
  | { readonly kid: string; readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | {
      readonly kid: string;
      readonly kty: 'EC';
      readonly crv: string;
      readonly x: string;
      readonly y: string;
    };

/** The current keys of one trust domain. An empty list means that the domain is revoked. */
export interface Bundle {
  readonly keys: readonly BundleKey[];
  readonly sequence?: number;
  /** Seconds after which the domain wants the bundle to be fetched again. */
  readonly refreshHint?: number;
}

/**
 * Parses a SPIFFE bundle (Trust Domain and Bundle section 4.2). Skips entries that it does not
 * support: another `use` or `kty`, no `kid`, a private or symmetric key. Skipping can only cause a
 * refusal. A document that is not a bundle is an error rather than an empty list, because an empty
 * list means that the domain is revoked.
 */
export function readBundle(json: unknown): Result<Bundle, { readonly code: 'bundle_invalid' }> {
  const invalid = refuse({ code: 'bundle_invalid' } as const);
  if (!isJsonObject(json) || !Array.isArray(json.keys)) return invalid;
  const { spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint } = json;
  if (!isCount(sequence) || !isCount(refreshHint)) return invalid;
  const listed = json.keys as readonly Json[];
  if (listed.length > BUNDLE_KEYS_MAX) return invalid;
  const keys = listed.flatMap((key) => (isJsonObject(key) ? readKey(key) : []));
  // Two keys with one id are ambiguous.
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) return invalid;
  return ok({
    keys,
    ...(sequence !== undefined && { sequence }),
    ...(refreshHint !== undefined && { refreshHint }),
  });
}

const isCount = (value: Json | undefined): value is number | undefined =>
  value === undefined || (Number.isSafeInteger(value) && Number(value) >= 0);

function readKey(key: JsonObject): readonly BundleKey[] {
  const { use, kid, kty, n, e, crv, x, y } = key;
  if (use !== 'jwt-svid' || typeof kid !== 'string' || kid === '' || 'd' in key) return [];
  if (kty === 'RSA' && isNumber(n) && isNumber(e)) return [{ kid, kty, n, e }];
  if (kty !== 'EC' || typeof crv !== 'string') return [];
  return isNumber(x) && isNumber(y) ? [{ kid, kty, crv, x, y }] : [];
}

/** Base64url (RFC 7518 section 2). Platforms decode sloppy input differently, to different keys. */
const isNumber = (value: Json | undefined): value is string =>
  typeof value === 'string' && value !== '' && fromBase64Url(value) !== undefined;

/**
 * Returns whether `next` may replace `current`. A sequence never goes back and never disappears.
 */
export const mayFollow = (current: Bundle, next: Bundle): boolean =>
  current.sequence === undefined ||
  (next.sequence !== undefined && next.sequence >= current.sequence);
