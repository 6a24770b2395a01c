import { ok, type Result, refuse } from '../../result.ts';
import type { FeedEntry } from './entry.ts';
import type { SnapshotReference } from './head.ts';
import { decodeRecords } from './read-records.ts';
import { RECORD_KINDS } from './record-kinds.ts';

/**
 * A snapshot is everything that was live at one position of the log (docs/reference/feed.md,
 * "Snapshots"). It does not say which position: only the head that names its hash does. All
 * integers are big-endian:
 *
 * * version u8, 2
 * * salt, 16 bytes
 * * length of the records u32
 * * number of groups u32
 * * the records of suspensions and resumptions
 * * for each group, by ascending minute: minute u32, count u32
 * * for each group: its fingerprints, 8 bytes each, ascending
 */
export const SNAPSHOT_VERSION = 2;
export const SNAPSHOT_HEADER_BYTES = 25;
export const SALT_BYTES = 16;
const FINGERPRINT_BYTES = 8;
const GROUP_BYTES = 8;

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

/** Why a snapshot does not match its head, or has no valid form. */
export type SnapshotError = { readonly code: 'snapshot_invalid'; readonly why: SnapshotFault };
export type SnapshotFault = 'bytes' | 'hash' | 'form' | 'order' | 'count' | 'records' | 'shrunken';

/** Decodes a snapshot. The caller has compared the hash of `bytes` with the one in the head. */
export function decodeSnapshot<Sink extends FingerprintSink>(
  bytes: Uint8Array<ArrayBuffer>,
  { count }: SnapshotReference,
  makeSink: MakeSink<Sink>,
): Result<Snapshot<Sink>, SnapshotError> {
  const invalid = (why: SnapshotFault) => refuse({ code: 'snapshot_invalid', why } as const);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < SNAPSHOT_HEADER_BYTES || bytes[0] !== SNAPSHOT_VERSION) return invalid('form');
  const groupsStart = SNAPSHOT_HEADER_BYTES + view.getUint32(1 + SALT_BYTES);
  const groupsEnd = groupsStart + GROUP_BYTES * view.getUint32(5 + SALT_BYTES);
  if (groupsEnd + FINGERPRINT_BYTES * count !== bytes.length) return invalid('count');
  const records = decodeRecords(bytes.subarray(SNAPSHOT_HEADER_BYTES, groupsStart));
  const isRecord = ({ kind }: FeedEntry) => RECORD_KINDS[kind].learnedFrom === 'records';
  if (!records?.every(({ entry }) => isRecord(entry))) return invalid('records');

  const revoked = makeSink(bytes.slice(1, 1 + SALT_BYTES), count);
  let start = groupsEnd;
  let previousMinute = 0;
  for (let group = groupsStart; group < groupsEnd; group += GROUP_BYTES) {
    const minute = view.getUint32(group);
    const end = start + FINGERPRINT_BYTES * view.getUint32(group + 4);
    if (minute <= previousMinute || end === start || end > bytes.length) return invalid('order');
    if (!readGroup(view, { start, end, minute }, revoked)) return invalid('order');
    previousMinute = minute;
    start = end;
  }
  return start === bytes.length
    ? ok({ revoked, stops: records.map(({ entry }) => entry) })
    : invalid('count');
}

interface Group {
  readonly start: number;
  readonly end: number;
  readonly minute: number;
}

/** Returns false if the fingerprints do not ascend, or if the sink has one of them already. */
function readGroup(
  view: DataView,
  { start, end, minute }: Group,
  revoked: FingerprintSink,
): boolean {
  let [previousHigh, previousLow] = [-1, -1];
  for (let offset = start; offset < end; offset += FINGERPRINT_BYTES) {
    const [high, low] = [view.getUint32(offset), view.getUint32(offset + 4)];
    if (high < previousHigh || (high === previousHigh && low <= previousLow)) return false;
    if (!revoked.addFingerprint(high, low, minute)) return false;
    [previousHigh, previousLow] = [high, low];
  }
  return true;
}
