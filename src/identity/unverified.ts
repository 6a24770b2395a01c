import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { fromBase64Url, fromUtf8 } from '../encoding.ts';
import { JWT_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { IdentityError } from './identity.ts';

/** A token before verification. Use it only to choose the rules by which to verify the token. */
export interface UnverifiedJwt {
  readonly algorithm: string;
  readonly type?: string;
  readonly keyId?: string;
  /** The names of all header parameters. */
  readonly headers: readonly string[];
  readonly issuer?: string;
  readonly subject?: string;
  /** All claims; they choose the entry whose rules apply. */
  readonly claims: JsonObject;
}

const JWS_COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]*)$/;

/** Checks size, then syntax, then reads the members that choose the verification rules. */
export function readUnverified(jwt: string): Result<UnverifiedJwt, IdentityError> {
  if (jwt.length > JWT_BYTES_MAX) return refuse({ code: 'jwt_too_large' });
  const [, headerText = '', payloadText = '', signature = ''] = JWS_COMPACT.exec(jwt) ?? [];
  const header = readPart(headerText);
  const payload = readPart(payloadText);
  // jose ignores stray trailing bits, which would give one signature four spellings.
  if (!header || !payload || !fromBase64Url(signature)) return refuse({ code: 'jwt_malformed' });
  const { alg: algorithm, typ: type, kid: keyId } = header;
  // `crit` lists extensions that we must understand, and we support none (RFC 7515 section 4.1.11).
  if (typeof algorithm !== 'string' || Object.hasOwn(header, 'crit')) {
    return refuse({ code: 'jwt_malformed' });
  }
  for (const text of [type, keyId]) {
    if (text !== undefined && typeof text !== 'string') return refuse({ code: 'jwt_malformed' });
  }
  // Checked before any lookup: no configuration can allow `none` or a shared secret.
  if (/^(?:none$|hs)/i.test(algorithm)) return refuse({ code: 'algorithm_refused' });
  const { iss: issuer, sub: subject } = payload;
  return ok({
    algorithm,
    headers: Object.keys(header),
    claims: payload,
    ...(typeof type === 'string' && { type }),
    ...(typeof keyId === 'string' && { keyId }),
    ...(typeof issuer === 'string' && { issuer }),
    ...(typeof subject === 'string' && { subject }),
  });
}

/** Normalizes `typ`: case-insensitive, `application/` implied (RFC 7515 section 4.1.9). */
export const mediaType = (type: string): string => type.toLowerCase().replace(/^application\//, '');

function readPart(text: string): JsonObject | undefined {
  const json = fromUtf8(fromBase64Url(text) ?? new Uint8Array());
  try {
    const value: unknown = JSON.parse(json ?? '');
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
