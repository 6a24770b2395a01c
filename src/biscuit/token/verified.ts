/** A token whose chain of signatures and proof have been verified under a key of the caller. */
import type { LoadedBlock, PublicKey, RegexEngine } from '../datalog/index.ts';
import type { Limits } from '../limits.ts';
import { UnverifiedToken } from './unverified.ts';

/** A token whose signatures have been verified, by `verifyToken` or `parseAndVerify`. */
export class VerifiedToken {
  readonly #token: UnverifiedToken;
  #derived: { readonly make: unknown; readonly value: unknown } | undefined;
  /** The root key under which it was verified. */
  readonly rootKey: PublicKey;
  /** Decoded, the authority block first. */
  readonly blocks: readonly LoadedBlock[];
  /** Loaded if one of the blocks calls `matches`. */
  readonly regex: RegexEngine | undefined;

  /** Only `verifyToken` calls this; the engine's door exports this class as a type. */
  constructor(
    token: UnverifiedToken,
    rootKey: PublicKey,
    blocks: readonly LoadedBlock[],
    regex: RegexEngine | undefined,
  ) {
    this.#token = token;
    this.rootKey = rootKey;
    this.blocks = blocks;
    this.regex = regex;
  }

  /**
   * Returns `make(this)`, computed once and stored with the token: what a caller reads repeatedly
   * of a token that the cache returns again. A WeakMap would do the same, but its entries survive
   * every minor garbage collection, and with them the whole of a token that is seen only once.
   */
  derive<T>(make: (token: VerifiedToken) => T): T {
    if (this.#derived?.make !== make) this.#derived = { make, value: make(this) };
    return this.#derived.value as T;
  }

  /** The same token as one that can be narrowed, sealed and passed on. */
  get unverified(): UnverifiedToken {
    return this.#token;
  }

  /** The limits with which it was read. */
  get limits(): Limits {
    return UnverifiedToken.inside(this.#token).limits;
  }

  get text(): string {
    return this.#token.text;
  }

  get isSealed(): boolean {
    return this.#token.isSealed;
  }

  /** One id per block, the authority block first: the block's signature (copies). */
  get revocationIds(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#token.revocationIds;
  }
}
