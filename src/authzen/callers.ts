import { isCredentialDigest } from '../credential-digest.ts';
import { fromHex, utf8 } from '../encoding.ts';
import { expecting, type Members, optional, readOptions, text } from '../options.ts';
import { bearerToken } from '../verifier/index.ts';

/** What a caller may do. `search` reveals who may do what, so it is a right of its own. */
export type AuthzenRight = 'evaluate' | 'search';

const RIGHTS: readonly AuthzenRight[] = ['evaluate', 'search'];

/** An enforcement point that may ask: the holder of a credential. */
export interface AuthzenCaller {
  /** The name of the caller in logs. */
  readonly name: string;
  /** The SHA-256 of its credential, which it sends as a bearer token, in lower-case hex. */
  readonly sha256: string;
  /** The rights of the caller. Both by default. */
  readonly may?: readonly AuthzenRight[];
}

/** Returns the rights of the sender of a request; undefined for a stranger. */
export type IdentifyCaller = (
  request: Request,
) => Promise<readonly AuthzenRight[] | undefined> | readonly AuthzenRight[] | undefined;

const CALLER: Members<AuthzenCaller> = {
  name: text,
  sha256: expecting(
    'the SHA-256 of a credential in lower-case hex',
    (value) => typeof value === 'string' && isCredentialDigest(value),
  ),
  may: optional(
    expecting(
      'a list of evaluate and search',
      (value) => Array.isArray(value) && value.every((one) => RIGHTS.includes(one)),
    ),
  ),
};

/** Returns how callers are identified. Throws a TypeError for a list that it cannot use. */
export function readCallers(callers: readonly AuthzenCaller[] | IdentifyCaller): IdentifyCaller {
  if (typeof callers === 'function') return callers;
  if (!Array.isArray(callers) || callers.length === 0) {
    throw new TypeError(
      'createPdp: `callers` must be a list of at least one caller, or a function',
    );
  }
  const known = (callers as readonly AuthzenCaller[]).map((caller) =>
    readOptions(caller, 'createPdp: caller', CALLER),
  );
  return async ({ headers }) => {
    const credential = bearerToken(headers);
    if (credential === '') return undefined;
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', utf8(credential)));
    const caller = known.find(({ sha256 }) => isEqual(digest, fromHex(sha256)));
    return caller && (caller.may ?? RIGHTS);
  };
}

/** Takes equally long wherever the first difference is. */
function isEqual(one: Uint8Array, other: Uint8Array | undefined): boolean {
  if (one.length !== other?.length) return false;
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= (one[i] ?? 0) ^ (other[i] ?? 0);
  return difference === 0;
}
