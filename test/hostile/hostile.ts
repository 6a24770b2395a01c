/** What a hostile token is, and how it has to be denied. */
import type { BiscuitErrorCode } from '../../src/biscuit/errors.ts';
import type { Limits } from '../../src/biscuit/limits.ts';
import type { Bytes, ForgedBlock } from '../forge/index.ts';

/** Of the honest authority block. Nothing here is a secret. */
export const ROOT_SEED = new Uint8Array(32).fill(0x11);

export type Denial = {
  /** Denied with `limit_exceeded` of one of these. */
  readonly limits?: readonly (keyof Limits)[];
  /** Or with one of these codes. */
  readonly codes?: readonly BiscuitErrorCode[];
};

export type HostileToken = {
  readonly name: string;
  readonly denied: Denial;
} & (
  | {
      /** Behind an honest authority block, correctly signed: what any holder can append. */
      readonly blocks: readonly ForgedBlock[];
    }
  | { readonly bytes: () => Promise<Bytes> }
);
