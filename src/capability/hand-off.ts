import type { CryptoKey } from 'jose';
import { blockSigner, fact, string } from '../biscuit/index.ts';
import { isThumbprint, type PublicJwk } from '../jwk-thumbprint.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import { anything, type Members, optional, optionsFault } from '../options.ts';
import { type Result, refuse } from '../result.ts';
import { type Narrowing, type NarrowingError, writeCaveats } from './caveats.ts';
import { HOP_FACT, isHopName } from './hops.ts';
import { appendSigned, signForToken } from './third-party-block.ts';
import type { TokenError } from './token-error.ts';

/** The key that a capability is bound to, as `DpopKey` has it. It need not be extractable. */
export interface HolderKey {
  readonly privateKey: CryptoKey;
  readonly publicJwk: PublicJwk;
}

/** Whom a capability is handed to. */
export interface NextHolder {
  /** RFC 7638 thumbprint of its key. */
  readonly to: string;
  /** What records call it, at most 128 bytes. Only the signature of this hop vouches for it. */
  readonly name?: string;
}

const NEXT: Members<NextHolder> = { to: anything, name: optional(anything) };

/** Why a capability is not handed on. */
export type HandOffError =
  | NarrowingError
  | TokenError
  | { readonly code: 'hand_off_invalid'; readonly why: string };

/**
 * Returns `token`, bound to the key of the next holder and narrowed, with a block that `key`
 * signs: the one that `token` is bound to. Works offline. A verifier denies the result if another
 * key signed it.
 */
export async function appendHop(
  token: string,
  key: HolderKey,
  next: NextHolder,
  narrowing: Narrowing,
): Promise<Result<string, HandOffError>> {
  const fault = optionsFault(next, 'appendHop', NEXT);
  if (fault !== undefined) return invalid(fault);
  const { to, name = '' } = next;
  if (!isThumbprint(to)) {
    return invalid('`to` is not an RFC 7638 SHA-256 thumbprint, as `DpopKey.thumbprint` is one');
  }
  if (typeof name !== 'string' || !isHopName(name)) {
    return invalid('`name` is longer than 128 bytes or has invisible characters');
  }
  if (token.length > TOKEN_TEXT_BYTES_MAX) return refuse({ code: 'token_too_large' });
  const signer = blockSigner(key.privateKey, key.publicJwk);
  if (!signer.ok) return invalid(`the key of the capability is not one: ${signer.error.code}`);
  const caveats = await writeCaveats(narrowing);
  if (!caveats.ok) return caveats;
  const hop = fact(HOP_FACT, string(to), string(name));
  const block = { ...caveats.value, facts: [hop] };

  const signed = await signForToken(token, signer.value, block);
  return signed.ok ? appendSigned(token, signed.value) : signed;
}

const invalid = (why: string) => refuse({ code: 'hand_off_invalid', why } as const);
