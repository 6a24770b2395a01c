import { canonicalJson, type Json } from '../../canonical-json.ts';
import { toHex, utf8 } from '../../encoding.ts';
import { sha256 } from '../../tlog/index.ts';
import { isAboutLog } from './checkpoint-extension.ts';
import type { Head } from './head.ts';

/** What a head says about its log, without the moment at which it was signed. */
export type HeadContent = Omit<Head, 'issued_at' | 'next_update'>;

/** Returns the name of a log's tree: the issuer's URL without scheme, and the shard. */
export const feedOrigin = (issuer: string, shard: number): string =>
  `${issuer.replace(/^[a-z]+:\/\//, '').replace(/\/$/, '')}/feed/${shard}`;

/**
 * Returns the leaf with the index 0. It fixes which `seq` every other leaf is about: the leaf with
 * the index n is about `first + n - 1`, so that a tree has one leaf, and one history, for each.
 */
export const openingLeaf = (first: number): Uint8Array<ArrayBuffer> =>
  utf8(canonicalJson({ v: 1, first }));

/** Returns the leaf of a `seq` that no head was signed for. `chain` is null if it is not known. */
export const unsignedLeaf = (seq: number, chain: string | null): Uint8Array<ArrayBuffer> =>
  utf8(canonicalJson({ v: 1, seq, chain }));

/**
 * Returns the leaf of a position: everything that the heads of this `seq` say. Two heads of one
 * `seq` that differ in more than their time have different leaves, and a tree has one of them.
 */
export function positionLeaf(content: HeadContent): Uint8Array<ArrayBuffer> {
  const { epoch, seq, chain, count, keys, watermarks, snapshot, delta_from, previous } = content;
  const extensions = (content.extensions ?? []).filter((one) => !isAboutLog(one));
  return utf8(
    canonicalJson({
      v: 1,
      epoch,
      seq,
      chain,
      count,
      keys,
      // A log may list 64 watermarks with texts of 2 KiB.
      watermarks: toHex(sha256(utf8(canonicalJson(watermarks as unknown as Json)))),
      snapshot,
      delta_from,
      previous,
      extensions,
    } as unknown as Json),
  );
}
