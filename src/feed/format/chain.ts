import { canonicalJson } from '../../canonical-json.ts';
import { concatBytes, fromHex, utf8 } from '../../encoding.ts';
import type { Position } from './head.ts';

/** Which log, and which of its epochs. */
export interface EpochStart {
  readonly issuer: string;
  readonly shard: number;
  readonly epoch: number;
  /** The end of the epoch before, as in every head of this one. */
  readonly previous: Position | null;
}

/**
 * The bytes whose SHA-256 is the chain before the first entry of an epoch. It binds the chain to
 * its log and to what came before, so that no entry of one log fits into another.
 *
 * Hashing is left to the caller, whose host may have to do it without an `await` (the log, inside
 * one transaction) or with one (a replica in a browser).
 */
export const epochInput = ({ issuer, shard, epoch, previous }: EpochStart): Bytes =>
  utf8(
    `hewn-feed-epoch-v2\0${canonicalJson({ issuer, shard, epoch, previous: previous && { ...previous } })}`,
  );

/**
 * The bytes whose SHA-256 is the chain after an entry: the chain before it, and its record. One
 * signature over the newest chain value vouches for every entry of the epoch.
 */
export const chainInput = (chain: string, record: Uint8Array): Bytes =>
  concatBytes(fromHex(chain) ?? new Uint8Array(32), record);

type Bytes = Uint8Array<ArrayBuffer>;
