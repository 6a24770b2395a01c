import { httpUrl, publicKeys } from '../../option-values.ts';
import { integerFrom, type Members, optional, readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { FeedEntry } from '../format/entry.ts';
import { type FeedFloor, type Head, isAtLeast } from '../format/head.ts';
import type { Watermark } from '../format/watermark.ts';
import { DeniedTools, isDeniedTool } from './denied-tools.ts';
import type { FeedError } from './errors.ts';
import { HeadAge } from './head-age.ts';
import { RevokedIds } from './revoked-ids.ts';
import type { FeedUpdate } from './update.ts';
import { type WatermarkQuery, WatermarkSet } from './watermark-set.ts';
import { type StopHit, WorkflowStops } from './workflow-stops.ts';

const FEED_SWEEP_SECONDS = 60; // Between looks for what has expired: each reads every slot.

/** What a verifier asks of a token that it has verified. */
export interface FeedQuery extends WatermarkQuery {
  readonly workflow: string;
  readonly ancestors: readonly string[];
  readonly gen: number;
  /** Revocation ids in lower-case hex, authority block first. */
  readonly blocks: readonly string[];
  /** The tool of the call, where there is one: a denied tool stops a call and not the token. */
  readonly tool?: string | undefined;
}

/** What of the feed stops a token. */
export type FeedHit =
  | ({ readonly by: 'watermark' } & Watermark)
  | { readonly by: 'workflow' | 'block'; readonly id: string }
  | StopHit
  | { readonly by: 'denial'; readonly tool: string };

export interface ReplicaOptions {
  readonly issuer: string;
  /** Several while one takes the place of another: a head counts under any of them. */
  readonly feedKey: CryptoKey | readonly CryptoKey[];
  /** 0 where the deployment has one log. */
  readonly shard?: number;
}

export const REPLICA_OPTIONS: Members<ReplicaOptions> = {
  issuer: httpUrl,
  feedKey: publicKeys,
  shard: optional(integerFrom(0)),
};

/** Its own of the options of a feed that keeps a replica. */
export const replicaOptions = ({ issuer, feedKey, shard }: ReplicaOptions): ReplicaOptions =>
  shard === undefined ? { issuer, feedKey } : { issuer, feedKey, shard };

/**
 * A verifier's copy of the trust feed. It only moves forward: what is older, forked, gapped or
 * unsigned is refused and the last good state stays in force (invariant 3).
 */
export class FeedReplica {
  readonly #options: ReplicaOptions;
  #head: Head | undefined;
  #floor: FeedFloor | undefined;
  readonly #age = new HeadAge();
  #sweepAt = 0;
  readonly #revoked = new RevokedIds();
  readonly #stops = new WorkflowStops();
  readonly #watermarks = new WatermarkSet();
  readonly #kills = new WatermarkSet();
  readonly #denied = new DeniedTools();

  constructor(options: ReplicaOptions) {
    this.#options = readOptions(options, 'FeedReplica', REPLICA_OPTIONS);
  }

  /** The newest head that was applied. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** How many seconds old the head is at least, whatever the wall clock says. */
  get ageSecondsMin(): number {
    return this.#age.secondsMin(this.#head);
  }

  get shard(): number {
    return this.#options.shard ?? 0;
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
    // Loaded when the feed moves: a decision needs none of it.
    const { openNextHead } = await import('./next-head.ts');
    const expected = { ...this.#options, shard: this.shard, floor: this.#floor };
    const head = await openNextHead(wire, expected, nowSeconds);
    if (!head.ok) {
      if (head.error.code === 'head_from_future') this.#age.sign(nowSeconds + head.error.seconds);
      return head;
    }
    this.#age.open(head.value, nowSeconds);
    for (const each of head.value.watermarks) {
      if (!isDeniedTool(each)) this.#watermarks.add(each, each.expires);
    }
    this.#denied.open(head.value);
    return head;
  }

  /** Applies a head from `open` with what leads to it, in one step or not at all. */
  async apply(head: Head, update: FeedUpdate): Promise<Result<Head, FeedError>> {
    const held = this.#head;
    const { openUpdate } = await import('./update.ts');
    const [floor, revoked, stops] = [this.#floor, this.#revoked, this.#stops];
    const opened = await openUpdate(head, update, { head: held, floor, revoked, stops });
    // Hashing let other work in, and a head must not go back. What was applied meanwhile may yet be
    // older than this one: an answer from a cache would then hide what this one has.
    if (this.#head && this.#head !== held) {
      return isAtLeast(this.#head, head) ? ok(this.#head) : refuse({ code: 'feed_moved' });
    }
    if (!opened.ok) return opened;
    const { snapshot, entries } = opened.value;
    const isNewEpoch = held?.epoch !== head.epoch;
    if (snapshot || isNewEpoch) revoked.startFrom(snapshot, isNewEpoch);
    for (const entry of entries) this.#add(entry);
    this.#denied.apply(head);
    this.#head = head;
    this.#floor = head;
    if (head.issued_at >= this.#sweepAt) this.#dropExpired(head.issued_at);
    return ok(head);
  }

  /** What stops the token: watermark, workflow, block, suspension; and then what stops the call. */
  find(question: FeedQuery): FeedHit | undefined {
    const watermark = this.#kills.find(question) ?? this.#watermarks.find(question);
    if (watermark) return { by: 'watermark', ...watermark };
    const { workflow, ancestors, blocks, gen } = question;
    for (const id of [workflow, ...ancestors]) {
      if (this.#revoked.has('workflow', id)) return { by: 'workflow', id };
    }
    for (const id of blocks) {
      if (this.#revoked.has('block', id)) return { by: 'block', id };
    }
    const stop = this.#stops.find(workflow, ancestors, gen);
    if (stop) return stop;
    const { tool } = question;
    return tool !== undefined && this.#denied.has(tool) ? { by: 'denial', tool } : undefined;
  }

  #add(entry: FeedEntry): void {
    switch (entry.kind) {
      case 'watermark':
        this.#watermarks.add(entry, entry.expires);
        break;
      case 'workflow':
      case 'block':
        this.#revoked.add(entry.kind, entry.id, entry.expires);
        break;
      case 'suspension':
      case 'resumption':
        this.#stops.add(entry);
        break;
      // What is denied now is in the head, and so is the watermark that comes with a denial. A
      // withdrawn watermark could hit no token.
      case 'denial':
      case 'lift':
      case 'withdrawal':
        break;
      default:
        entry satisfies never;
    }
  }

  #dropExpired(nowSeconds: number): void {
    for (const held of [this.#revoked, this.#stops, this.#watermarks]) held.dropExpired(nowSeconds);
    this.#sweepAt = nowSeconds + FEED_SWEEP_SECONDS;
  }
}
