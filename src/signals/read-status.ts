import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import * as v from 'valibot';
import { CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { anything, callable, expecting, type Members, readOptions, text } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { Status } from './change.ts';
import { STATUS_LIST_TYPE, type StatusFault, statusAt } from './status-list.ts';

const STATUS_TOKEN_BYTES_MAX = 256 * 1024; // Also of another issuer's list, before it is parsed.

/** Why a status cannot be read. Treat each as not valid. */
export type StatusError =
  | { readonly code: 'list_too_large' }
  /** Not signed by a key of the issuer, or of another type, URI or issuer. */
  | { readonly code: 'list_untrusted' }
  | { readonly code: 'list_expired' }
  | { readonly code: StatusFault };

/** The status reference from an introspection response, and the keys to trust. */
export interface StatusReference {
  readonly issuer: string;
  readonly uri: string;
  readonly idx: number;
  /** For example `createRemoteJWKSet` of jose, on the issuer's `jwks_uri`. */
  readonly keys: JWTVerifyGetKey;
  readonly now: Date;
}

const REFERENCE: Members<StatusReference> = {
  issuer: text,
  uri: text,
  idx: anything,
  keys: callable,
  now: expecting('a valid Date', (now) => now instanceof Date && !Number.isNaN(now.getTime())),
};

const claims = v.object({
  iat: v.pipe(v.number(), v.safeInteger()),
  exp: v.pipe(v.number(), v.safeInteger()),
  status_list: v.object({ bits: v.picklist([1, 2, 4, 8]), lst: v.string() }),
});

/**
 * Reads the status of one workflow from a status list token. Anything but a current list of this
 * issuer and URI that contains the index is an error. Fail closed on an error.
 *
 * @example
 * ```ts
 * import { readStatus } from 'hewn/signals';
 * import { createRemoteJWKSet } from 'jose';
 *
 * const uri = `${issuer}/status/v1/AAAAAAAAAAAAAAAA`;
 * const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
 * const response = await fetch(uri);
 * const status = await readStatus(await response.text(), {
 *   issuer,
 *   uri,
 *   idx: 7,
 *   keys,
 *   now: new Date(),
 * });
 * const isValid = status.ok && status.value === 'valid';
 * ```
 */
export async function readStatus(
  token: string,
  reference: StatusReference,
): Promise<Result<Status, StatusError>> {
  const { issuer, uri, idx, keys, now } = readOptions(reference, 'readStatus', REFERENCE);
  if (token.length > STATUS_TOKEN_BYTES_MAX) return refuse({ code: 'list_too_large' });
  let payload: unknown;
  try {
    const verified = await jwtVerify(token, keys, {
      issuer,
      subject: uri,
      typ: STATUS_LIST_TYPE,
      algorithms: ['EdDSA'],
      currentDate: now,
      requiredClaims: ['iat', 'exp'],
    });
    payload = verified.payload;
  } catch (error) {
    return refuse({
      code: error instanceof errors.JWTExpired ? 'list_expired' : 'list_untrusted',
    });
  }
  const read = v.safeParse(claims, payload);
  if (!read.success) return refuse({ code: 'list_malformed' });
  const { iat, status_list } = read.output;
  if (iat > now.getTime() / 1000 + CLOCK_SKEW_SECONDS_MAX)
    return refuse({ code: 'list_untrusted' });
  const status = await statusAt(status_list, idx);
  return typeof status === 'string' ? ok(status) : refuse({ code: status.fault });
}
