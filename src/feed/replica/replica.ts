import type { UnixSeconds } from '../../clock.ts';
import { httpUrl, publicKeys } from '../../option-values.ts';
import { expecting, integerFrom, type Members, optional, readOptions } from '../../options.ts';
import type { PublicKeyInput } from '../../public-key.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { FeedEntry } from '../format/entry.ts';
import { type FeedFloor, type Head, isAtLeast, type Position } from '../format/head.ts';
import type { Watermark } from '../format/watermark.ts';
import { DeniedTools, isDeniedTool } from './denied-tools.ts';
import type { FeedError } from './errors.ts';
import { HeadAge } from './head-age.ts';
import type { CoverageFault } from './quorum.ts';
import { RevokedIds } from './revoked-ids.ts';
import type { FeedUpdate } from './update.ts';
import { type WatermarkQuery, WatermarkSet } from './watermark-set.ts';
import type { Witnesses } from './witnesses.ts';
import { type StopHit, WorkflowStops } from './workflow-stops.ts';

const FEED_SWEEP_SECONDS = 60; // Between looks for what has expired: each reads every slot.

/** The facts of a verified token, and of its call, that the feed can stop. */
export interface FeedQuery extends WatermarkQuery {
  readonly workflow: string;
  readonly ancestors: readonly string[];
  readonly gen: number;
  /** Revocation ids of its blocks in lower-case hex, authority block first. */
  readonly blocks: readonly string[];
  /** The tool of the call, if there is one. A denied tool stops the call and not the token. */
  readonly tool?: string | undefined;
}

/** What stops a token or its call. */
export type FeedHit =
  | ({ readonly by: 'watermark' } & Watermark)
  | { readonly by: 'workflow' | 'block'; readonly id: string }
  | StopHit
  | { readonly by: 'denial'; readonly tool: string };

/** Identifies one log and the key of its heads. */
export interface ReplicaOptions {
  readonly issuer: string;
  /**
   * The key of the heads. Several during a key rotation: a head may be signed with any of them. One
   * text may hold two, with a space between them.
   */
  readonly feedKey: PublicKeyInput | readonly PublicKeyInput[];
  /** Defaults to 0, for a deployment with one log. */
  readonly shard?: number;
  /**
   * The outside witnesses of the log: a policy in the form of C2SP tlog-policy, with a `log` line
   * for the issuer's log key, and a quorum. What takes power counts at once. A head gives power
   * only if the quorum has seen it, and it is as old as the quorum's time. A thief of the feed key
   * can then revoke, and nothing else. Without this option, the feed key alone is believed.
   */
  readonly witnesses?: string;
}

/** `quorum.ts` reads the whole text, on demand. */
const quorumPolicy = expecting(
  'a policy with a line `log`, lines `witness` and a `quorum` of them',
  (value) =>
    ['log', 'witness', 'quorum(?! +none)'].every((line) =>
      new RegExp(`^${line} `, 'm').test(String(value)),
    ),
);

export const REPLICA_OPTIONS: Members<ReplicaOptions> = {
  issuer: httpUrl,
  feedKey: publicKeys,
  shard: optional(integerFrom(0)),
  witnesses: optional(quorumPolicy),
};

/** Picks the options of the replica from those of a feed that has one. */
export const replicaOptions = (options: ReplicaOptions): ReplicaOptions => {
  const { issuer, feedKey, shard, witnesses } = options;
  return {
    issuer,
    feedKey,
    ...(shard !== undefined && { shard }),
    ...(witnesses !== undefined && { witnesses }),
  };
};

/**
 * A verifier's copy of the trust feed. It only moves forward: it rejects a head that is older,
 * forked or unsigned, or that has gaps, and the last good state stays in force.
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
  /** From the first head on, if witnesses are demanded. */
  #witnesses: Witnesses | undefined;

  constructor(options: ReplicaOptions) {
    this.#options = readOptions(options, 'FeedReplica', REPLICA_OPTIONS);
  }

  /** The newest applied head: if witnesses are demanded, the newest that they have seen. */
  get head(): Head | undefined {
    return this.#head;
  }

  /**
   * The head by which to decide. If witnesses are demanded, its `issued_at` is the time of their
   * quorum, and it lists no key that a newer head has withdrawn.
   */
  get trusted(): Head | undefined {
    return this.#witnesses ? this.#witnesses.trusted : this.#head;
  }

  /** The end of what is in force. Stops may be beyond the head that witnesses have seen. */
  get position(): Position | undefined {
    return this.#witnesses?.position ?? this.#head;
  }

  /** The minimum age of the trusted head in seconds, whatever the wall clock says. */
  get ageSecondsMin(): number {
    return this.#age.secondsMin(this.trusted);
  }

  /** Returns why the witnesses do not vouch for an opened head. */
  unwitnessed(head: Head): CoverageFault | undefined {
    return this.#witnesses?.faultOf(head);
  }

  get shard(): number {
    return this.#options.shard ?? 0;
  }

  /** The number of revoked workflows and blocks. */
  get size(): number {
    return this.#revoked.size;
  }

  /** Sets the floor before the first head. A head below it is rejected. */
  startAt(floor: FeedFloor): void {
    this.#floor ??= floor;
  }

  /** Stops a scope for the life of this replica, whatever the feed says. */
  kill(watermark: Watermark): void {
    this.#kills.add(watermark, Number.POSITIVE_INFINITY);
  }

  /**
   * Opens a head without applying it, and checks that it may follow the current one. Its watermarks
   * apply at once: they can only stop more, and they need no delta.
   */
  async open(wire: unknown, now: UnixSeconds): Promise<Result<Head, FeedError>> {
    // Loaded on demand: a decision needs none of it.
    const { openNextHead } = await import('./next-head.ts');
    const expected = { ...this.#options, shard: this.shard, floor: this.#floor };
    const head = await openNextHead(wire, expected, now);
    if (!head.ok) {
      const { error } = head;
      if (error.code === 'head_from_future') this.#age.noteSigned(now + error.seconds);
      return head;
    }
    this.#age.open(head.value, now);
    await this.#witness(head.value, now);
    for (const each of head.value.watermarks) {
      if (!isDeniedTool(each)) this.#watermarks.add(each, each.expires);
    }
    this.#denied.open(head.value);
    return head;
  }

  /** Applies a head from `open`, with the update that leads to it, completely or not at all. */
  async apply(head: Head, update: FeedUpdate): Promise<Result<Head, FeedError>> {
    const before = this.#head;
    const { openUpdate } = await import('./update.ts');
    const [floor, revoked, stops] = [this.#floor, this.#revoked, this.#stops];
    const state = { head: before, floor, revoked, stops };
    const witnesses = this.#witnesses;
    const forgetUntil = witnesses ? witnesses.timeOf(head) : head.issued_at;
    const whole = witnesses ? witnesses.continued(update, head) : update;
    const isAhead = witnesses?.faultOf(head) !== undefined;
    const opened = isAhead
      ? await witnesses.openAhead(head, whole, state)
      : await openUpdate(head, whole, { ...state, forgetUntil });
    // Hashing is asynchronous, so another head may have been applied meanwhile, and a head must not
    // go back. The other one may still be older than this one, for example from a cache: then this
    // one must be opened again.
    if (this.#head && this.#head !== before) {
      return isAtLeast(this.#head, head) ? ok(this.#head) : refuse({ code: 'feed_moved' });
    }
    if (!opened.ok) return opened;
    const { snapshot, entries } = opened.value;
    if (isAhead) {
      // All of it takes power. The position stays: another history may follow from here.
      for (const entry of entries) if (entry.kind === 'watermark') this.#add(entry);
      if (witnesses.add(opened.value, head, whole)) return ok(head);
      return refuse({ code: 'feed_over_limit', limit: 'revoked' });
    }
    const isNewEpoch = before?.epoch !== head.epoch;
    if (snapshot || isNewEpoch) revoked.startFrom(snapshot, isNewEpoch);
    for (const entry of entries) this.#add(entry);
    this.#denied.apply(head);
    this.#head = head;
    this.#floor = head;
    witnesses?.apply(head);
    if (forgetUntil >= this.#sweepAt) this.#dropExpired(forgetUntil);
    return ok(head);
  }

  /**
   * Returns what stops a token: a watermark, a workflow, a block or a suspension, in this order;
   * and then what stops its call.
   */
  find(query: FeedQuery): FeedHit | undefined {
    const watermark = this.#kills.find(query) ?? this.#watermarks.find(query);
    if (watermark) return { by: 'watermark', ...watermark };
    const { workflow, ancestors, blocks, gen } = query;
    for (const id of [workflow, ...ancestors]) {
      if (this.#isRevoked('workflow', id)) return { by: 'workflow', id };
    }
    for (const id of blocks) {
      if (this.#isRevoked('block', id)) return { by: 'block', id };
    }
    const isStopped = (stops?: WorkflowStops) => stops?.find(workflow, ancestors, gen);
    const stop = isStopped(this.#stops) ?? isStopped(this.#witnesses?.stops);
    if (stop) return stop;
    const { tool } = query;
    return tool !== undefined && this.#denied.has(tool) ? { by: 'denial', tool } : undefined;
  }

  #isRevoked(kind: 'workflow' | 'block', id: string): boolean {
    return this.#revoked.has(kind, id) || this.#witnesses?.revoked.has(kind, id) === true;
  }

  /** Asks the head what its witnesses say, if they are demanded. */
  async #witness(head: Head, now: UnixSeconds): Promise<void> {
    const { witnesses: policy, issuer } = this.#options;
    if (policy === undefined) return;
    // Loaded on demand: a verifier without witnesses needs none of it.
    const { Witnesses } = await import('./witnesses.ts');
    this.#witnesses ??= new Witnesses({ issuer, shard: this.shard, policy }, this.#age);
    await this.#witnesses.open(head, now);
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
      // The head lists denied tools and the watermarks of denials. A withdrawn watermark could
      // match no token.
      case 'denial':
      case 'lift':
      case 'withdrawal':
        break;
      default:
        entry satisfies never;
    }
  }

  #dropExpired(now: UnixSeconds): void {
    const parts = [this.#revoked, this.#stops, this.#watermarks, this.#witnesses];
    for (const part of parts) part?.dropExpired(now);
    this.#sweepAt = now + FEED_SWEEP_SECONDS;
  }
}
