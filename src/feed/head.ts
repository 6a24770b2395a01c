import { canonicalJson, type Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import {
  FEED_SHARDS_MAX,
  FEED_SNAPSHOT_BYTES_MAX,
  FEED_WATERMARKS_MAX,
  HEAD_PAYLOAD_BYTES_MAX,
  ISSUER_KEYS_MAX,
  KEY_ID_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { exactMembers, isIntegerFrom, isTextUpTo } from './shape.ts';
import { openSigned, type Signed, signPayload } from './signed.ts';
import { isWatermark, type Watermark } from './watermark.ts';

/** A root key under which the issuer's tokens count: its id, and 32 bytes in lower-case hex. */
export interface HeadKey {
  readonly id: number;
  readonly publicKey: string;
}

/** A point of the log. */
export interface Position {
  readonly epoch: number;
  readonly seq: number;
  /** Lower-case hex: see `chainInput`. */
  readonly chain: string;
}

export interface HeadWatermark extends Watermark {
  /** Unix seconds, as its entry says. */
  readonly expires: number;
}

/** A snapshot to start from, of this epoch. */
export interface SnapshotReference {
  readonly seq: number;
  readonly chain: string;
  /** SHA-256 of its bytes, lower-case hex. */
  readonly hash: string;
  readonly bytes: number;
  /** Revoked workflows and blocks in it. */
  readonly count: number;
}

/** The newest statement of the feed: how far the log goes, and when its keeper last said so. */
export interface Head extends Position {
  readonly v: 2;
  readonly issuer: string;
  readonly shard: number;
  /** Live revocations of workflows and blocks: more than a verifier can hold is refused unread. */
  readonly count: number;
  /**
   * Unix seconds. Freshness is this, not "something changed": silence must not look like health.
   */
  readonly issued_at: number;
  /** Unix seconds by which there is a newer head, for whoever keeps files and has no tiers. */
  readonly next_update: number;
  /**
   * The issuer's public root keys, whole: a verifier that takes its keys from the feed counts these
   * and no others, so a key that is left out is taken back.
   */
  readonly keys: readonly HeadKey[];
  /** All that are live: whoever has the head has them, also where no entry comes through. */
  readonly watermarks: readonly HeadWatermark[];
  readonly snapshot: SnapshotReference | null;
  /** The oldest `seq` of this epoch from which there are deltas up to the newest. */
  readonly delta_from: number;
  /** Where the epoch before ended; null in the first. Whoever is beyond it does not follow. */
  readonly previous: Position | null;
}

export type SignedHead = Signed;
export type HeadError = { readonly code: 'head_malformed' } | { readonly code: 'head_signature' };

/** UTF-16 units. */
const ISSUER_MAX = 512;
const MEMBERS = [
  ...['v', 'issuer', 'shard', 'epoch', 'seq', 'chain', 'count', 'issued_at', 'next_update'],
  ...['keys', 'watermarks', 'snapshot', 'delta_from', 'previous'],
] as const satisfies readonly (keyof Head)[];

const isHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

function readHead(value: unknown): Head | undefined {
  const members = exactMembers(value, MEMBERS);
  if (!members) return undefined;
  const { v, issuer, shard, count, issued_at, next_update, delta_from } = members;
  const end = readPosition(members);
  const keys = readList(members.keys, ISSUER_KEYS_MAX, readKey);
  const watermarks = readList(members.watermarks, FEED_WATERMARKS_MAX, readWatermark);
  const snapshot = members.snapshot === null ? null : readSnapshot(members.snapshot);
  const previous = members.previous === null ? null : readExactPosition(members.previous);
  if (v !== 2 || !isTextUpTo(issuer, ISSUER_MAX) || !isShard(shard)) return undefined;
  if (!isIntegerFrom(count, 0) || !isIntegerFrom(issued_at, 0)) return undefined;
  if (!isIntegerFrom(next_update, issued_at) || !isIntegerFrom(delta_from, 0)) return undefined;
  if (!end || !keys || !watermarks || snapshot === undefined || previous === undefined) {
    return undefined;
  }
  // A head without keys would silently take every one back.
  if (keys.length === 0 || new Set(keys.map(({ id }) => id)).size < keys.length) return undefined;
  const head: Head = {
    ...{ v, issuer, shard, ...end, count, issued_at, next_update },
    ...{ keys, watermarks, snapshot, delta_from, previous },
  };
  return isCoherent(head) ? head : undefined;
}

/** Whoever starts anew gets to `seq` by it: from its snapshot, or from the epoch's first entry. */
function isCoherent({ epoch, seq, chain, snapshot, delta_from, previous }: Head): boolean {
  const start = previous?.seq ?? 0;
  if ((previous === null) !== (epoch === 1) || (previous && previous.epoch >= epoch)) return false;
  if (start > delta_from || delta_from > seq) return false;
  // A later epoch starts from a snapshot: its first entries are not all that is revoked.
  if (!snapshot) return delta_from === 0 && previous === null;
  if (snapshot.seq === seq && snapshot.chain !== chain) return false;
  return snapshot.seq >= delta_from && snapshot.seq <= seq;
}

export const isShard = (value: unknown): value is number =>
  isIntegerFrom(value, 0) && value < FEED_SHARDS_MAX;

function readPosition({ epoch, seq, chain }: Record<keyof Position, unknown>) {
  const isPosition = isIntegerFrom(epoch, 1) && isIntegerFrom(seq, 0) && isHash(chain);
  return isPosition ? { epoch, seq, chain } : undefined;
}

export function readExactPosition(value: unknown): Position | undefined {
  const members = exactMembers(value, ['epoch', 'seq', 'chain']);
  return members && readPosition(members);
}

function readList<T>(
  value: unknown,
  lengthMax: number,
  read: (one: unknown) => T | undefined,
): readonly T[] | undefined {
  if (!Array.isArray(value) || value.length > lengthMax) return undefined;
  const all = value.map(read).filter((one) => one !== undefined);
  return all.length === value.length ? all : undefined;
}

function readKey(value: unknown): HeadKey | undefined {
  const members = exactMembers(value, ['id', 'publicKey']);
  if (!members) return undefined;
  const { id, publicKey } = members;
  const isKey = isIntegerFrom(id, 0) && id <= KEY_ID_MAX && isHash(publicKey);
  return isKey ? { id, publicKey } : undefined;
}

function readWatermark(value: unknown): HeadWatermark | undefined {
  const members = exactMembers(value, ['scope', 'value', 'before', 'expires']);
  if (!members || !isIntegerFrom(members.expires, 0)) return undefined;
  const watermark = members as unknown as HeadWatermark;
  return isWatermark(watermark) ? watermark : undefined;
}

function readSnapshot(value: unknown): SnapshotReference | undefined {
  const members = exactMembers(value, ['seq', 'chain', 'hash', 'bytes', 'count']);
  if (!members) return undefined;
  const { seq, chain, hash, bytes, count } = members;
  if (!isIntegerFrom(seq, 0) || !isHash(chain) || !isHash(hash)) return undefined;
  if (!isIntegerFrom(bytes, 0) || bytes > FEED_SNAPSHOT_BYTES_MAX) return undefined;
  return isIntegerFrom(count, 0) ? { seq, chain, hash, bytes, count } : undefined;
}

const FORM = { domain: 'hewn-feed-head-v2', payloadBytesMax: HEAD_PAYLOAD_BYTES_MAX } as const;

/** The bytes to be signed: a log appends no watermark that would take them over the limit. */
export const headPayload = (head: Head): Uint8Array<ArrayBuffer> =>
  utf8(canonicalJson(head as unknown as Json));

/** `sign` is Ed25519 with the feed key, which is not the mint key: who can revoke cannot mint. */
export const signHead = (
  head: Head,
  sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<SignedHead> => signPayload(FORM, headPayload(head), sign);

/** Shape, then signature, then content; says nothing yet of age or of roll-back. */
export async function openHead(
  wire: unknown,
  feedKey: CryptoKey,
): Promise<Result<Head, HeadError>> {
  const opened = await openSigned(FORM, wire, feedKey, readHead);
  return opened.ok ? ok(opened.value) : refuse({ code: `head_${opened.error.code}` });
}
