import { toHex } from '../encoding.ts';
import {
  FEED_REVOKED_MAX,
  FEED_STOPS_MAX,
  FEED_SWEEP_SECONDS,
  HEAD_FUTURE_SECONDS_MAX,
} from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { chainInput, epochInput } from './chain.ts';
import type { FeedEntry } from './entry.ts';
import {
  type Head,
  type HeadError,
  openHead,
  type Position,
  type SnapshotReference,
} from './head.ts';
import { decodeRecords, type EntryRecord } from './record.ts';
import { RevokedIds } from './revoked-ids.ts';
import type { Snapshot, SnapshotError } from './snapshot.ts';
import { type Watermark, type WatermarkQuestion, WatermarkSet } from './watermark.ts';
import { type StopHit, WorkflowStops } from './workflow-stops.ts';

export type FeedError =
  | HeadError
  | SnapshotError
  | { readonly code: 'head_issuer' }
  | { readonly code: 'head_shard' }
  | { readonly code: 'head_from_future'; readonly seconds: number }
  | { readonly code: 'head_rollback'; readonly held: string; readonly offered: string }
  /** One point of the log has two chains: its keeper, or who has its key, tells two stories. */
  | { readonly code: 'head_fork'; readonly held: string; readonly offered: string }
  /** The epoch before ended short of what is held: what is in between would be undone. */
  | { readonly code: 'head_epoch'; readonly held: string; readonly offered: string }
  | { readonly code: 'delta_malformed' }
  | { readonly code: 'entries_gap'; readonly expected: number }
  | { readonly code: 'chain_mismatch'; readonly seq: number }
  /** More is live than a replica holds: nothing is left out, the whole head is refused. */
  | { readonly code: 'feed_over_limit'; readonly limit: FeedLimit };

export type FeedLimit = 'revoked' | 'stops' | 'epochs' | 'deltas';

/** What a verifier asks of a token that it has verified. */
export interface FeedQuestion extends WatermarkQuestion {
  readonly workflow: string;
  readonly ancestors: readonly string[];
  readonly gen: number;
  /** Revocation ids in lower-case hex, authority block first. */
  readonly blocks: readonly string[];
}

/** What of the feed stops a token. */
export type FeedHit =
  | ({ readonly by: 'watermark' } & Watermark)
  | { readonly by: 'workflow' | 'block'; readonly id: string }
  | StopHit;

/** The point below which a replica never goes, also in its next life. */
export interface FeedFloor extends Position {
  /** Unix seconds. */
  readonly issued_at: number;
}

/** What brings a replica to a head. */
export interface FeedUpdate {
  /** The bytes that the head's `snapshot` names; absent: on from what is held. */
  readonly snapshot?: Uint8Array<ArrayBuffer> | undefined;
  /** Deltas without gaps, in order, up to the head. */
  readonly deltas: readonly Uint8Array<ArrayBuffer>[];
}

export interface ReplicaOptions {
  readonly issuer: string;
  readonly feedKey: CryptoKey;
  /** 0 where the deployment has one log. */
  readonly shard?: number | undefined;
}

/**
 * A verifier's copy of the trust feed. It only moves forward: what is older, forked, gapped or
 * unsigned is refused and the last good state stays in force (invariant 3).
 */
export class FeedReplica {
  readonly #options: Required<ReplicaOptions>;
  #head: Head | undefined;
  #floor: FeedFloor | undefined;
  #sweepAt = 0;
  readonly #revoked = new RevokedIds();
  readonly #stops = new WorkflowStops();
  readonly #watermarks = new WatermarkSet();
  readonly #kills = new WatermarkSet();

  constructor({ issuer, feedKey, shard = 0 }: ReplicaOptions) {
    this.#options = { issuer, feedKey, shard };
  }

  /** The newest head that was applied. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** Revoked workflows and blocks. */
  get size(): number {
    return this.#revoked.size;
  }

  /** Before the first head: refuses what is behind the floor, as if it were held. */
  startAt(floor: FeedFloor): void {
    this.#floor ??= floor;
  }

  /** Stops a scope for as long as this replica lives, whatever the feed says. */
  kill(watermark: Watermark): void {
    this.#kills.add(watermark, Number.POSITIVE_INFINITY);
  }

  /**
   * Opens a head without applying it, and says whether it may follow what is held. Its watermarks
   * are in force at once: they can only stop more, and need nothing else to come through.
   */
  async open(wire: unknown, nowSeconds: number): Promise<Result<Head, FeedError>> {
    const { feedKey, issuer, shard } = this.#options;
    const opened = await openHead(wire, feedKey);
    if (!opened.ok) return opened;
    const head = opened.value;
    if (head.issuer !== issuer) return refuse({ code: 'head_issuer' });
    if (head.shard !== shard) return refuse({ code: 'head_shard' });
    const ahead = head.issued_at - nowSeconds;
    // A head from the future would stay fresh for ever.
    if (ahead > HEAD_FUTURE_SECONDS_MAX)
      return refuse({ code: 'head_from_future', seconds: ahead });
    const refusal = this.#floor && refusalAfter(this.#floor, head);
    if (refusal) return refuse(refusal);
    for (const watermark of head.watermarks) this.#watermarks.add(watermark, watermark.expires);
    if (Math.max(head.count, head.snapshot?.count ?? 0) > FEED_REVOKED_MAX) {
      return refuse({ code: 'feed_over_limit', limit: 'revoked' });
    }
    return ok(head);
  }

  /** Applies a head from `open` with what leads to it, in one step or not at all. */
  async apply(head: Head, update: FeedUpdate): Promise<Result<Head, FeedError>> {
    const held = this.#head;
    const snapshot = update.snapshot && (await openSnapshot(update.snapshot, head.snapshot));
    if (snapshot?.ok === false) return snapshot;
    const records = await recordsTo(head, await this.#startOf(head, update), update.deltas);
    if (!records.ok) return records;
    // Hashing let other work in, and a head must not go back: whatever moved meanwhile wins.
    const moved = this.#head;
    if (moved && moved !== held) return ok(moved);
    const entries = [...(snapshot?.value.records ?? []), ...records.value];
    const refusal =
      (this.#floor && refusalAfter(this.#floor, head)) ??
      this.#refusalToHold(head, snapshot && head.snapshot, entries);
    if (refusal) return refuse(refusal);

    if (snapshot || held?.epoch !== head.epoch) {
      this.#revoked.startFrom(snapshot?.value.revoked, held?.epoch !== head.epoch);
    }
    for (const { entry } of entries) this.#add(entry);
    this.#head = head;
    this.#floor = head;
    if (head.issued_at >= this.#sweepAt) this.#dropExpired(head.issued_at);
    return ok(head);
  }

  /** What stops the token, in the order of DESIGN.md: watermark, workflow, block, suspension. */
  find(question: FeedQuestion): FeedHit | undefined {
    const watermark = this.#kills.find(question) ?? this.#watermarks.find(question);
    if (watermark) return { by: 'watermark', ...watermark };
    const { workflow, ancestors, blocks, gen } = question;
    if (this.#revoked.size > 0) {
      for (const id of [workflow, ...ancestors]) {
        if (this.#revoked.has('workflow', id)) return { by: 'workflow', id };
      }
      for (const id of blocks) {
        if (this.#revoked.has('block', id)) return { by: 'block', id };
      }
    }
    return this.#stops.find(workflow, ancestors, gen);
  }

  /** Where the deltas of an update begin. */
  async #startOf(head: Head, { snapshot }: FeedUpdate): Promise<Omit<Position, 'epoch'>> {
    if (snapshot && head.snapshot) return head.snapshot;
    if (this.#head?.epoch === head.epoch) return this.#head;
    const chain = await sha256(epochInput(head));
    // Of a later epoch, its entries alone are not all that is revoked: no entry is the next one.
    return { seq: head.previous ? Number.NaN : 0, chain };
  }

  /** Checked before anything is changed. */
  #refusalToHold(
    head: Head,
    snapshot: SnapshotReference | null | undefined,
    entries: readonly EntryRecord[],
  ): FeedError | undefined {
    this.#dropExpired(head.issued_at);
    const held = this.#head;
    const isNewEpoch = held !== undefined && held.epoch !== head.epoch;
    const stops = entries.filter(({ entry }) => 'gen' in entry || entry.kind === 'suspension');
    const added = entries.length - stops.length + (snapshot?.count ?? 0);
    const over = (limit: FeedLimit) => ({ code: 'feed_over_limit', limit }) as const;
    if (isNewEpoch && !this.#revoked.canStartEpoch()) return over('epochs');
    if (held && !isNewEpoch && snapshot) {
      const isShrunken =
        snapshot.seq < held.seq || this.#revoked.liveAt(head.issued_at) > snapshot.count;
      if (isShrunken) return { code: 'snapshot_invalid', why: 'shrunken' };
    }
    if (added + (snapshot || isNewEpoch ? 0 : this.#revoked.size) > FEED_REVOKED_MAX)
      return over('revoked');
    return this.#stops.size + stops.length > FEED_STOPS_MAX ? over('stops') : undefined;
  }

  #add(entry: FeedEntry): void {
    switch (entry.kind) {
      case 'watermark':
        return this.#watermarks.add(entry, entry.expires);
      case 'suspension':
      case 'resumption':
        return this.#stops.add(entry);
      default:
        return this.#revoked.add(entry.kind, entry.id, entry.expires);
    }
  }

  #dropExpired(nowSeconds: number): void {
    for (const held of [this.#revoked, this.#stops, this.#watermarks]) held.dropExpired(nowSeconds);
    this.#sweepAt = nowSeconds + FEED_SWEEP_SECONDS;
  }
}

/** Bytes and hash as the signed head says, and only then the content. */
async function openSnapshot(
  bytes: Uint8Array<ArrayBuffer>,
  reference: SnapshotReference | null,
): Promise<Result<Snapshot, SnapshotError>> {
  if (bytes.length !== reference?.bytes) return refuse({ code: 'snapshot_invalid', why: 'bytes' });
  if ((await sha256(bytes)) !== reference.hash) {
    return refuse({ code: 'snapshot_invalid', why: 'hash' });
  }
  // A verifier needs it once in its life.
  const { decodeSnapshot } = await import('./snapshot.ts');
  return decodeSnapshot(bytes, reference);
}

/** The records from `start` to the head, with a chain that ends in the signed one. */
async function recordsTo(
  head: Head,
  start: Omit<Position, 'epoch'>,
  deltas: readonly Uint8Array<ArrayBuffer>[],
): Promise<Result<readonly EntryRecord[], FeedError>> {
  const records: EntryRecord[] = [];
  let { seq, chain } = start;
  for (const delta of deltas) {
    const decoded = decodeRecords(delta);
    if (!decoded) return refuse({ code: 'delta_malformed' });
    for (const one of decoded) {
      seq += 1;
      if (one.entry.seq !== seq) return refuse({ code: 'entries_gap', expected: seq });
      chain = await sha256(chainInput(chain, one.record));
      records.push(one);
    }
  }
  if (seq !== head.seq) return refuse({ code: 'entries_gap', expected: seq + 1 });
  return chain === head.chain ? ok(records) : refuse({ code: 'chain_mismatch', seq });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Why a head may not follow; neither position nor time goes back, and a position has one chain. */
function refusalAfter(floor: FeedFloor, next: Head): FeedError | undefined {
  const [held, offered] = [positionOf(floor), positionOf(next)];
  if (next.epoch < floor.epoch || next.seq < floor.seq || next.issued_at < floor.issued_at) {
    return { code: 'head_rollback', held, offered };
  }
  // Where both name one point of the log, they name one chain.
  const meeting = next.epoch === floor.epoch ? next : next.previous;
  if (meeting && meeting.seq < floor.seq) {
    return { code: 'head_epoch', held, offered };
  }
  const isOnePoint = meeting?.epoch === floor.epoch && meeting.seq === floor.seq;
  return isOnePoint && meeting.chain !== floor.chain
    ? { code: 'head_fork', held, offered }
    : undefined;
}

const positionOf = ({ epoch, seq, issued_at }: FeedFloor): string => `${epoch}.${seq}.${issued_at}`;
