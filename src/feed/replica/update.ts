import { toHex } from '../../encoding.ts';
import { FEED_REVOKED_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { chainInput, epochInput } from '../format/chain.ts';
import type { FeedEntry } from '../format/entry.ts';
import type { FeedFloor, Head, Position, SnapshotReference } from '../format/head.ts';
import { decodeRecords } from '../format/read-records.ts';
import { decodeSnapshot } from '../format/read-snapshot.ts';
import type { FeedError, FeedLimit, UpdateError } from './errors.ts';
import { FingerprintTable } from './fingerprint-table.ts';
import { refusalAfter } from './next-head.ts';
import type { RevokedIds } from './revoked-ids.ts';
import type { WorkflowStops } from './workflow-stops.ts';

const FEED_STOPS_MAX = 2 ** 16; // Suspended or resumed workflows, each some 200 bytes.

/** What brings a replica to a head. */
export interface FeedUpdate {
  /** The bytes that the head's `snapshot` names; absent: on from what is held. */
  readonly snapshot?: Uint8Array<ArrayBuffer> | undefined;
  /** Deltas without gaps, in order, up to the head. */
  readonly deltas: readonly Uint8Array<ArrayBuffer>[];
}

export interface OpenedUpdate {
  /** Absent: on from what is held. */
  readonly snapshot?: FingerprintTable;
  /** What the snapshot has in full, and all that came after it. */
  readonly entries: readonly FeedEntry[];
}

/** What a replica holds, looked at; of it, only what has expired is taken out. */
export interface Held {
  readonly head: Head | undefined;
  readonly floor: FeedFloor | undefined;
  readonly revoked: RevokedIds;
  readonly stops: WorkflowStops;
}

/**
 * Reads what leads from what is held to `head`, and holds it to what the head has signed: length
 * and hash of the snapshot, and the chain over every record. Nothing is applied.
 */
export async function openUpdate(
  head: Head,
  { snapshot: bytes, deltas }: FeedUpdate,
  held: Held,
): Promise<Result<OpenedUpdate, FeedError>> {
  const refusal = refusalAfter(held.floor, head);
  if (refusal) return refuse(refusal);
  const snapshot = bytes && (await openSnapshot(bytes, head));
  if (snapshot?.ok === false) return snapshot;
  const start = snapshot && head.snapshot ? head.snapshot : await startOf(head, held.head);
  const followed = await recordsTo(head, start, deltas);
  if (!followed.ok) return followed;
  const { revoked, stops = [] } = snapshot?.value ?? {};
  const entries = [...stops, ...followed.value];
  const over = refusalToHold(head, revoked && head.snapshot, entries, held);
  if (over) return refuse(over);
  return ok(revoked ? { snapshot: revoked, entries } : { entries });
}

/** Why what was read is not taken in: more than there is room for, or less than is held already. */
function refusalToHold(
  head: Head,
  snapshot: SnapshotReference | null | undefined,
  entries: readonly FeedEntry[],
  { head: before, revoked, stops }: Held,
): FeedError | undefined {
  const isNewEpoch = before !== undefined && before.epoch !== head.epoch;
  const isOn = before !== undefined && !isNewEpoch;
  if (isOn && snapshot) {
    const isShrunken = snapshot.seq < before.seq || revoked.liveAt(head.issued_at) > snapshot.count;
    if (isShrunken) return { code: 'snapshot_invalid', why: 'shrunken' };
  }
  // What has expired by the word of a signed head takes no room from what has not.
  for (const each of [revoked, stops]) each.dropExpired(head.issued_at);
  const over = (limit: FeedLimit) => ({ code: 'feed_over_limit', limit }) as const;
  if (isNewEpoch && !revoked.canStartEpoch()) return over('epochs');
  const stopped = entries.filter(({ kind }) => kind === 'suspension' || kind === 'resumption');
  if (stops.size + stopped.length > FEED_STOPS_MAX) return over('stops');
  const known = snapshot ? snapshot.count : isOn ? revoked.size : 0;
  return known + entries.length - stopped.length > FEED_REVOKED_MAX ? over('revoked') : undefined;
}

/** Where deltas begin that follow no snapshot. */
async function startOf(head: Head, held: Head | undefined): Promise<Omit<Position, 'epoch'>> {
  if (held?.epoch === head.epoch) return held;
  // Of a later epoch, its entries alone are not all that is revoked: no entry is the next one.
  return { seq: head.previous ? Number.NaN : 0, chain: await sha256(epochInput(head)) };
}

async function openSnapshot(bytes: Uint8Array<ArrayBuffer>, { snapshot }: Head) {
  const invalid = (why: 'bytes' | 'hash') => refuse({ code: 'snapshot_invalid', why } as const);
  if (bytes.length !== snapshot?.bytes) return invalid('bytes');
  if ((await sha256(bytes)) !== snapshot.hash) return invalid('hash');
  return decodeSnapshot(bytes, snapshot, (salt, count) => new FingerprintTable(salt, count));
}

/** The entries from `start` to the head, with a chain that ends in the signed one. */
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
