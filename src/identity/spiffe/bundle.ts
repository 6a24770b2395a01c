import { isJsonObject, type Json, type JsonObject } from '../../canonical-json.ts';
import { fromBase64Url } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';

const BUNDLE_KEYS_MAX = 64; // A token without a key id is tried against each.

/** A key of a bundle, public members alone. */
export type BundleKey =
  | { readonly kid: string; readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | {
      readonly kid: string;
      readonly kty: 'EC';
      readonly crv: string;
      readonly x: string;
      readonly y: string;
    };

/** What one trust domain's keys are now. No keys: the domain is revoked. */
export interface Bundle {
  readonly keys: readonly BundleKey[];
  readonly sequence?: number;
  /** Seconds until the domain wants to be asked again. */
  readonly refreshHint?: number;
}

/**
 * Trust Domain and Bundle section 4.2. An entry that is not understood is left out, which can only
 * refuse: another `use` or `kty`, no `kid`, a private or symmetric key. What is no bundle at all is
 * an error, because "no keys" says something: that the domain is revoked.
 */
export function readBundle(json: unknown): Result<Bundle, { readonly code: 'bundle_invalid' }> {
  const invalid = refuse({ code: 'bundle_invalid' } as const);
  if (!isJsonObject(json) || !Array.isArray(json.keys)) return invalid;
  const { spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint } = json;
  if (!isCount(sequence) || !isCount(refreshHint)) return invalid;
  const listed = json.keys as readonly Json[];
  if (listed.length > BUNDLE_KEYS_MAX) return invalid;
  const keys = listed.flatMap((key) => (isJsonObject(key) ? readKey(key) : []));
  // Which of two would be meant by their id is for nobody to choose.
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

/** RFC 7518 section 2. Platforms differ in what they skip in it, and so in whose key it is. */
const isNumber = (value: Json | undefined): value is string =>
  typeof value === 'string' && value !== '' && fromBase64Url(value) !== undefined;

/** True where `next` may take the place of `held`: a sequence never goes back, and never ends. */
export const mayFollow = (held: Bundle, next: Bundle): boolean =>
  held.sequence === undefined || (next.sequence !== undefined && next.sequence >= held.sequence);
