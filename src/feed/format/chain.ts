import { canonicalJson } from '../../canonical-json.ts';
import { concatBytes, fromHex, utf8 } from '../../encoding.ts';
import type { Position } from './head.ts';

/** Identifies one epoch of one log. */
export interface EpochStart {
  readonly issuer: string;
  readonly shard: number;
  readonly epoch: number;
  /** The end of the epoch before; null in the first. The same as in every head of this epoch. */
  readonly previous: Position | null;
}

/**
 * Returns the bytes whose SHA-256 is the chain before the first entry of an epoch. They bind the
 * chain to its log and to the epoch before, so an entry of one log never fits into another.
 *
 * The caller hashes them: a log must do it synchronously inside one transaction, and a replica in a
 * browser can only do it asynchronously.
 */
export const epochInput = ({ issuer, shard, epoch, previous }: EpochStart): Bytes =>
  utf8(
    `hewn-feed-epoch-v2\0${canonicalJson({ issuer, shard, epoch, previous: previous && { ...previous } })}`,
  );

/**
 * Returns the bytes whose SHA-256 is the chain after an entry: the chain before it, in hex, and its
 * record. One signature over the newest chain value covers every entry of the epoch.
 */
export const chainInput = (chain: string, record: Uint8Array): Bytes =>
  concatBytes(fromHex(chain) ?? new Uint8Array(32), record);

type Bytes = Uint8Array<ArrayBuffer>;
