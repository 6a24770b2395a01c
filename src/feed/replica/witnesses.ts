import type { UnixSeconds } from '../../clock.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { Head, Position } from '../format/head.ts';
import { feedOrigin } from '../format/position-leaf.ts';
import { AheadOfWitnesses } from './ahead.ts';
import type { FeedError } from './errors.ts';
import type { HeadAge } from './head-age.ts';
import { type CoverageFault, coverageOf, type QuorumRule } from './quorum.ts';
import type { RevokedIds } from './revoked-ids.ts';
import { type FeedUpdate, type OpenedUpdate, openUpdate, type ReplicaState } from './update.ts';
import type { WorkflowStops } from './workflow-stops.ts';

/** Names the log and its witnesses. */
export interface WitnessedLog {
  readonly issuer: string;
  readonly shard: number;
  readonly policy: string;
}

/** What the witnesses of a log say about the heads that a replica opens. */
export class Witnesses {
  readonly #rule: QuorumRule;
  readonly #age: HeadAge;
  readonly #ahead = new AheadOfWitnesses();
  /** By opened head: the head with the quorum's time, or why there is none. */
  readonly #coverage = new WeakMap<Head, Result<Head, CoverageFault>>();
  #trusted: Head | undefined;

  constructor({ issuer, shard, policy }: WitnessedLog, age: HeadAge) {
    this.#rule = { policy, origin: feedOrigin(issuer, shard) };
    this.#age = age;
  }

  /**
   * The newest applied head with the quorum's time, and without keys that a newer one withdraws.
   */
  get trusted(): Head | undefined {
    return this.#trusted;
  }

  /** The end of what takes power, if it is beyond what the witnesses have seen. */
  get position(): Position | undefined {
    return this.#ahead.position;
  }

  get revoked(): RevokedIds {
    return this.#ahead.revoked;
  }

  get stops(): WorkflowStops {
    return this.#ahead.stops;
  }

  /** Finds out what they say about a head. Keys that it does not list are not used any more. */
  async open(head: Head, now: UnixSeconds): Promise<void> {
    const time = await coverageOf(head, this.#rule, now);
    if (!time.ok) {
      this.#coverage.set(head, time);
      this.#ahead.open(head);
      if (this.#trusted) this.#trust(this.#trusted);
      return;
    }
    const seen = { ...head, issued_at: Math.min(time.value, head.issued_at) };
    this.#age.open(seen, now);
    this.#coverage.set(head, ok(seen));
  }

  /** Returns why they do not vouch for an opened head. */
  faultOf(head: Head): CoverageFault | undefined {
    const coverage = this.#coverage.get(head);
    if (!coverage) return 'checkpoint_missing';
    return coverage.ok ? undefined : coverage.error;
  }

  /** Returns until when entries may be forgotten, once this head is applied. */
  timeOf(head: Head): UnixSeconds {
    const coverage = this.#coverage.get(head);
    return coverage?.ok ? coverage.value.issued_at : 0;
  }

  /** Returns the update as it starts from the head that they have seen. */
  continued(update: FeedUpdate, head: Head): FeedUpdate {
    return this.#ahead.continued(update, head);
  }

  /**
   * Opens an update to a head that they have not seen. What cannot be read from the head that they
   * have seen is refused: a snapshot could leave something out.
   */
  async openAhead(
    head: Head,
    update: FeedUpdate,
    state: Omit<ReplicaState, 'forgetUntil'>,
  ): Promise<Result<OpenedUpdate, FeedError>> {
    const why = this.faultOf(head) ?? 'checkpoint_missing';
    if (update.snapshot) return refuse({ code: 'head_unwitnessed', why });
    return openUpdate(head, update, { ...state, forgetUntil: undefined });
  }

  /** Adds what takes power. Returns false if that is too much. */
  add({ entries }: OpenedUpdate, head: Head, { deltas }: FeedUpdate): boolean {
    return this.#ahead.add(entries, head, deltas);
  }

  /** Decides by an applied head from now on, unless they saw the current one later. */
  apply(head: Head): void {
    const coverage = this.#coverage.get(head);
    if (!coverage?.ok) return;
    this.#ahead.seen(head);
    this.#trust(coverage.value);
  }

  dropExpired(now: UnixSeconds): void {
    this.#ahead.dropExpired(now);
  }

  #trust(head: Head): void {
    const current = this.#trusted;
    const isOlder = current && head.seq <= current.seq && head.issued_at < current.issued_at;
    const newest = isOlder ? current : head;
    const keys = this.#ahead.stillListed(newest.keys);
    const isSame = keys.length === newest.keys.length;
    const trusted = isSame ? newest : { ...newest, keys };
    if (!isSame) this.#age.copy(newest, trusted);
    this.#trusted = trusted;
  }
}
