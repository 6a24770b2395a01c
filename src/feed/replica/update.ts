import type { UnixSeconds } from '../../clock.ts';
import { toHex } from '../../encoding.ts';
import { FEED_REVOKED_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { chainInput, epochInput } from '../format/chain.ts';
import type { FeedEntry } from '../format/entry.ts';
import type { FeedFloor, Head, Position, SnapshotReference } from '../format/head.ts';
import { decodeRecords } from '../format/read-records.ts';
import { decodeSnapshot } from '../format/read-snapshot.ts';
import { RECORD_KINDS } from '../format/record-kinds.ts';
import type { FeedError, FeedLimit, UpdateError } from './errors.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import { refusalAfter } from './next-head.ts';
import type { RevokedIds } from './revoked-ids.ts';
import type { WorkflowStops } from './workflow-stops.ts';

const FEED_STOPS_MAX = 2 ** 16; // Suspended or resumed workflows, about 200 bytes each.

/** The bytes that lead a replica to a head. */
export interface FeedUpdate {
  /** The bytes that the head's `snapshot` names; absent: the deltas continue the current state. */
  readonly snapshot?: Uint8Array<ArrayBuffer> | undefined;
  /** Deltas up to the head, in order and without gaps. */
  readonly deltas: readonly Uint8Array<ArrayBuffer>[];
}

export interface OpenedUpdate {
  /** Absent if the entries continue the current state. */
  readonly snapshot?: FingerprintTable;
  /** The records of the snapshot, and every entry after it. */
  readonly entries: readonly FeedEntry[];
}

/** The current state of a replica. Only expired entries are removed from it here. */
export interface ReplicaState {
  readonly head: Head | undefined;
  readonly floor: FeedFloor | undefined;
  readonly revoked: RevokedIds;
  readonly stops: WorkflowStops;
  /** Until when entries may be forgotten; absent: nothing may. */
  readonly forgetUntil: UnixSeconds | undefined;
}

/**
 * Reads an update to a head, and checks it against the head: length and hash of the snapshot, and
 * the chain over every record. Nothing is applied.
 */
export async function openUpdate(
  head: Head,
  { snapshot: bytes, deltas }: FeedUpdate,
  state: ReplicaState,
): Promise<Result<OpenedUpdate, FeedError>> {
  const refusal = refusalAfter(state.floor, head);
  if (refusal) return refuse(refusal);
  const snapshot = bytes && (await openSnapshot(bytes, head));
  if (snapshot?.ok === false) return snapshot;
  const start = snapshot && head.snapshot ? head.snapshot : await startOf(head, state.head);
  const followed = await recordsTo(head, start, deltas);
  if (!followed.ok) return followed;
  const { revoked, stops = [] } = snapshot?.value ?? {};
  const entries = [...stops, ...followed.value];
  const excess = refusalToHold(head, revoked && head.snapshot, entries, state);
  if (excess) return refuse(excess);
  return ok(revoked ? { snapshot: revoked, entries } : { entries });
}

/** Returns why an update is rejected: it is too large, or its snapshot lacks known revocations. */
function refusalToHold(
  head: Head,
  snapshot: SnapshotReference | null | undefined,
  entries: readonly FeedEntry[],
  { head: before, revoked, stops, forgetUntil }: ReplicaState,
): FeedError | undefined {
  const isNewEpoch = before !== undefined && before.epoch !== head.epoch;
  const isSameEpoch = before !== undefined && !isNewEpoch;
  if (isSameEpoch && snapshot) {
    const isShrunken = snapshot.seq < before.seq || revoked.liveAt(head.issued_at) > snapshot.count;
    if (isShrunken) return { code: 'snapshot_invalid', why: 'shrunken' };
  }
  // Entries that expired by a time that is trusted make room for live ones.
  if (forgetUntil !== undefined) {
    for (const part of [revoked, stops]) part.dropExpired(forgetUntil);
  }
  const over = (limit: FeedLimit) => ({ code: 'feed_over_limit', limit }) as const;
  if (isNewEpoch && !revoked.canStartEpoch()) return over('epochs');
  const stopped = entries.filter(({ kind }) => RECORD_KINDS[kind].learnedFrom === 'records');
  if (stops.size + stopped.length > FEED_STOPS_MAX) return over('stops');
  const known = snapshot ? snapshot.count : isSameEpoch ? revoked.size : 0;
  return known + entries.length - stopped.length > FEED_REVOKED_MAX ? over('revoked') : undefined;
}

/** Returns where deltas without a snapshot start. */
async function startOf(head: Head, current: Head | undefined): Promise<Omit<Position, 'epoch'>> {
  if (current?.epoch === head.epoch) return current;
  // The entries of a later epoch alone are incomplete, so no entry counts as the next one.
  return { seq: head.previous ? Number.NaN : 0, chain: await sha256(epochInput(head)) };
}

async function openSnapshot(bytes: Uint8Array<ArrayBuffer>, { snapshot }: Head) {
  const invalid = (why: 'bytes' | 'hash') => refuse({ code: 'snapshot_invalid', why } as const);
  if (bytes.length !== snapshot?.bytes) return invalid('bytes');
  if ((await sha256(bytes)) !== snapshot.hash) return invalid('hash');
  return decodeSnapshot(bytes, snapshot, (salt, count) => new FingerprintTable(salt, count));
}

/** Reads the entries from `start` to the head. Their chain must end in the signed one. */
async function recordsTo(
  head: Head,
  start: Omit<Position, 'epoch'>,
  deltas: readonly Uint8Array<ArrayBuffer>[],
): Promise<Result<readonly FeedEntry[], UpdateError>> {
  const entries: FeedEntry[] = [];
  let { seq, chain } = start;
  for (const delta of deltas) {
    const decoded = decodeRecords(delta);
    if (!decoded) return refuse({ code: 'delta_malformed' });
    for (const { entry, record } of decoded) {
      seq += 1;
      if (entry.seq !== seq) return refuse({ code: 'entries_gap', expected: seq });
      chain = await sha256(chainInput(chain, record));
      entries.push(entry);
    }
  }
  if (seq !== head.seq) return refuse({ code: 'entries_gap', expected: seq + 1 });
  return chain === head.chain ? ok(entries) : refuse({ code: 'chain_mismatch', seq });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
