import { ok, type Result, refuse } from '../../result.ts';
import type { FeedEntry } from './entry.ts';
import type { SnapshotReference } from './head.ts';
import { decodeRecords } from './read-records.ts';

/**
 * All that is live at one point of the log (docs/reference/feed.md, "Snapshots"). It says nothing
 * of where that is: only the head that names its hash does. Integers are big-endian.
 *
 * version u8 = 2 · salt 16 bytes · length of records u32 · groups u32 the records of suspensions
 * and resumptions for each group, by ascending minute: minute u32 · count u32 for each group, its
 * fingerprints, ascending: 8 bytes each
 */
export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_HEADER_BYTES = 25;
export const SALT_BYTES = 16;

/** Where the fingerprints of a snapshot are collected. */
export interface FingerprintSink {
  /** Adds a fingerprint, in halves of 32 bits. Returns false if the sink has it already. */
  addFingerprint(high: number, low: number, expiresMinute: number): boolean;
}

/** Makes the sink for `count` fingerprints that are keyed with `salt`. */
export type MakeSink<Sink extends FingerprintSink> = (salt: Uint8Array, count: number) => Sink;

export interface Snapshot<Sink extends FingerprintSink> {
  readonly revoked: Sink;
  /** Suspensions and resumptions. */
  readonly stops: readonly FeedEntry[];
}

/** A snapshot that is not what the head says: shrunken, grown, out of order, or none at all. */
export type SnapshotError = { readonly code: 'snapshot_invalid'; readonly why: SnapshotFault };
export type SnapshotFault = 'bytes' | 'hash' | 'form' | 'order' | 'count' | 'records' | 'shrunken';

/** Decodes a snapshot. The caller has compared the hash of `bytes` with the one in the head. */
export function decodeSnapshot<Sink extends FingerprintSink>(
  bytes: Uint8Array<ArrayBuffer>,
  reference: SnapshotReference,
  makeSink: MakeSink<Sink>,
): Result<Snapshot<Sink>, SnapshotError> {
  const invalid = (why: SnapshotFault) => refuse({ code: 'snapshot_invalid', why } as const);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < SNAPSHOT_HEADER_BYTES || bytes[0] !== SNAPSHOT_VERSION) return invalid('form');
  const groupsAt = SNAPSHOT_HEADER_BYTES + view.getUint32(1 + SALT_BYTES);
  let at = groupsAt + 8 * view.getUint32(5 + SALT_BYTES);
  if (at > bytes.length || bytes.length - at !== 8 * reference.count) return invalid('count');
  const records = decodeRecords(bytes.subarray(SNAPSHOT_HEADER_BYTES, groupsAt));
  if (!records?.every(({ entry }) => isStop(entry.kind))) return invalid('records');

  const revoked = makeSink(bytes.slice(1, 1 + SALT_BYTES), reference.count);
  let before = 0;
  for (let group = groupsAt; group < bytes.length - 8 * reference.count; group += 8) {
    const minute = view.getUint32(group);
    const end = at + 8 * view.getUint32(group + 4);
    if (minute <= before || end === at || end > bytes.length) return invalid('order');
    if (!readGroup(view, at, end, minute, revoked)) return invalid('order');
    before = minute;
    at = end;
  }
  return at === bytes.length
    ? ok({ revoked, stops: records.map(({ entry }) => entry) })
    : invalid('count');
}

const isStop = (kind: string): boolean => kind === 'suspension' || kind === 'resumption';

/** False where they do not ascend, or where one is in the table already. */
function readGroup(
  view: DataView,
  from: number,
  to: number,
  minute: number,
  revoked: FingerprintSink,
): boolean {
  let [highBefore, lowBefore] = [-1, -1];
  for (let at = from; at < to; at += 8) {
    const [high, low] = [view.getUint32(at), view.getUint32(at + 4)];
    if (high < highBefore || (high === highBefore && low <= lowBefore)) return false;
    if (!revoked.addFingerprint(high, low, minute)) return false;
    [highBefore, lowBefore] = [high, low];
  }
  return true;
}
