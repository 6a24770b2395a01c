/** The form of a hostile token, and how it must be denied. */
import type { BiscuitErrorCode } from '../../src/biscuit/errors.ts';
import type { Limits } from '../../src/biscuit/limits.ts';
import type { Bytes, ForgedBlock } from '../forge/index.ts';

/** Of the honest authority block. Nothing here is secret. */
export const ROOT_SEED = new Uint8Array(32).fill(0x11);

export type Denial = {
  /** Must be denied with `limit_exceeded` for one of these limits. */
  readonly limits?: readonly (keyof Limits)[];
  /** Or with one of these codes. */
  readonly codes?: readonly BiscuitErrorCode[];
};

export type HostileToken = {
  readonly name: string;
  readonly denied: Denial;
} & (
  | {
      /** Follows an honest authority block, correctly signed: any holder can append it. */
      readonly blocks: readonly ForgedBlock[];
    }
  | { readonly bytes: () => Promise<Bytes> }
);
