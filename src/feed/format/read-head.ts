import type { CryptoKey } from 'jose';
import {
  FEED_SHARDS_MAX,
  FEED_SNAPSHOT_BYTES_MAX,
  FEED_WATERMARKS_MAX,
  ISSUER_KEYS_MAX,
  KEY_ID_MAX,
} from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { isExtensionList, unknownCritical } from './extensions.ts';
import type { Head, HeadKey, HeadWatermark, Position, SnapshotReference } from './head.ts';
import { exactly, integer, isHash, listOf, literally, orNull, textUpTo, uint48 } from './shape.ts';
import { HEAD_FORM, openSigned } from './signed.ts';
import { isWatermark, WATERMARK_FORM } from './watermark.ts';

export type HeadError =
  | { readonly code: 'head_malformed' }
  | { readonly code: 'head_signature' }
  /** A critical extension that this version does not know: the verifier must be upgraded. */
  | {
      readonly code: 'head_extension_unknown';
      readonly name: string;
      readonly version: number;
    };

const isPosition = exactly<Position>({ epoch: integer(1), seq: uint48(0), chain: isHash });

const hasFixedMembers = exactly<Omit<Head, 'extensions'>>({
  v: literally(2),
  issuer: textUpTo(512),
  shard: integer(0, FEED_SHARDS_MAX - 1),
  epoch: integer(1),
  seq: uint48(0),
  chain: isHash,
  count: integer(0),
  issued_at: uint48(0),
  next_update: uint48(0),
  keys: listOf(
    ISSUER_KEYS_MAX,
    exactly<HeadKey>({ id: integer(0, KEY_ID_MAX), publicKey: isHash }),
  ),
  watermarks: listOf(
    FEED_WATERMARKS_MAX,
    exactly<HeadWatermark>({ ...WATERMARK_FORM, expires: uint48(0) }),
  ),
  snapshot: orNull(
    exactly<SnapshotReference>({
      seq: uint48(0),
      chain: isHash,
      hash: isHash,
      bytes: integer(0, FEED_SNAPSHOT_BYTES_MAX),
      count: integer(0),
    }),
  ),
  delta_from: integer(0),
  previous: orNull(isPosition),
});

/** The member `extensions` is absent in a head without extensions. */
const isHeadForm = (value: unknown): value is Head => {
  if (typeof value !== 'object' || value === null) return false;
  const { extensions, ...fixed } = value as Partial<Head>;
  if (!hasFixedMembers(fixed)) return false;
  return extensions === undefined || isExtensionList(extensions, fixed.shard);
};

/**
 * Checks the members of a head against each other. A new replica must be able to reach `seq` from
 * the snapshot, or from all entries of the first epoch.
 */
const isHead = (value: unknown): value is Head => {
  if (!isHeadForm(value)) return false;
  const { epoch, seq, chain, keys, snapshot, delta_from, previous, watermarks } = value;
  // A head without keys would silently revoke every key.
  if (keys.length === 0 || new Set(keys.map(({ id }) => id)).size < keys.length) return false;
  if (!watermarks.every(isWatermark) || value.next_update < value.issued_at) return false;
  if (previous ? previous.epoch >= epoch || previous.seq > delta_from : epoch > 1) return false;
  // A later epoch starts from a snapshot: revocations of earlier epochs are not among its entries.
  if (!snapshot) return delta_from === 0 && !previous;
  if (snapshot.seq === seq && snapshot.chain !== chain) return false;
  return snapshot.seq >= delta_from && snapshot.seq <= seq;
};

/** Checks shape, signature and content, in this order. It does not check age or rollback. */
export async function openHead(
  wire: unknown,
  feedKey: CryptoKey | readonly CryptoKey[],
): Promise<Result<Head, HeadError>> {
  let refusal: HeadError = { code: 'head_signature' };
  for (const key of Array.isArray(feedKey) ? feedKey : [feedKey]) {
    const opened = await openSigned(HEAD_FORM, wire, key, isHead);
    if (opened.ok) {
      const unknown = unknownCritical(opened.value.extensions);
      if (!unknown) return ok(opened.value);
      const { name, version } = unknown;
      return refuse({ code: 'head_extension_unknown', name, version });
    }
    refusal = { code: `head_${opened.error.code}` };
    if (refusal.code === 'head_malformed') break;
  }
  return refuse(refusal);
}
