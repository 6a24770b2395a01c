import { DurableObject } from 'cloudflare:workers';
import {
  type Head,
  type HeadWatermark,
  type Position,
  type SignedHead,
  signHead,
  type WatermarkQuestion,
  WatermarkSet,
} from '../../../src/feed/index.ts';
import {
  ARCHIVE_MILLISECONDS_MAX,
  ARCHIVE_RETRY_MILLISECONDS,
  HEAD_NEXT_UPDATE_SECONDS,
  SNAPSHOT_SECONDS,
} from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { feedArchive, type IssuerEnv, readConfig, shardOf } from '../config.ts';
import { publicHex, signingKey } from '../keys.ts';
import { compareWithArchive } from './log/compare.ts';
import { type Appended, type ArchivedEntry, LogEntries } from './log/entries.ts';
import type { LogOrder } from './log/order.ts';
import { createLogTables } from './log/schema.ts';
import { isSnapshotDue, isSnapshotNear, LogSnapshots } from './log/snapshots.ts';

export interface Recorded extends Appended {
  /** Whether the archive has it, so that it outlives a restore of this object as well. */
  readonly archived: boolean;
}

/**
 * The log behind the trust feed: append-only, gap-free, hash-chained, and the signer of its head.
 * One object for a shard; what is written goes to its archive before the answer.
 */
export class RevocationLog extends DurableObject<IssuerEnv> {
  readonly #shard: number;
  readonly #entries: LogEntries;
  readonly #snapshots: LogSnapshots;
  #signed: { head: SignedHead; seq: number; issuedAt: number } | undefined;
  /** Up to where the archive has the log; undefined until the two were compared. */
  #archivedSeq: number | undefined;
  #archiving: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: IssuerEnv) {
    super(ctx, env);
    createLogTables(ctx.storage.sql);
    this.#shard = shardOf(ctx.id.name);
    const { issuer } = readConfig(env);
    this.#entries = new LogEntries(ctx.storage, { issuer, shard: this.#shard });
    this.#snapshots = new LogSnapshots(ctx.storage);
  }

  /** Appends one entry, or answers with the one that is there. */
  async append(order: LogOrder): Promise<Result<Recorded, { code: 'watermarks_full' }>> {
    await this.#compared();
    const now = seconds();
    // Every head carries them all, so there is a last one; `all` stops whatever they would.
    if (order.kind === 'watermark' && !this.#entries.hasRoomForWatermark(now)) {
      return refuse({ code: 'watermarks_full' });
    }
    // No `await` from here to the end of the transaction: see `LogEntries`.
    const [place] = this.#entries.append([order]);
    if (!place) throw new Error('an order was appended without a place');
    const archived = await this.#archive(place.seq);
    await this.#wakeForSnapshot();
    return ok({ ...place, archived });
  }

  /**
   * The newest head, signed at most once a second. Its time is written before it is signed: the
   * answer waits for the write to be durable, so an instance that has been replaced cannot vouch
   * for itself.
   */
  async head(): Promise<SignedHead> {
    await this.#compared();
    const now = seconds();
    const held = this.#signed;
    if (held && held.seq === this.#entries.state.seq && held.issuedAt >= now) return held.head;
    const config = readConfig(this.env);
    const keys = await Promise.all(
      config.publishedKeys.map(async ({ id, key }) => ({ id, publicKey: await publicHex(key) })),
    );
    const { issuer } = config;
    const { epoch, seq, chain, previous, deltaFrom, live, issuedAt } = this.#entries.stamp(now);
    const head: Head = {
      ...{ v: 2, issuer, shard: this.#shard, epoch, seq, chain, count: live },
      ...{ issued_at: issuedAt, next_update: issuedAt + HEAD_NEXT_UPDATE_SECONDS },
      ...{ keys, watermarks: this.#entries.watermarks(now), snapshot: this.#snapshots.newest(epoch) },
      ...{ delta_from: deltaFrom, previous },
    };
    const key = await signingKey(config.feedKey);
    const signed = await signHead(head, async (bytes) => {
      return new Uint8Array(await crypto.subtle.sign('Ed25519', key, bytes));
    });
    this.#signed = { head: signed, seq, issuedAt };
    return signed;
  }

  /** The records of `(from, to]`; undefined for what is not, or no more, here. Never changes. */
  delta(epoch: number, from: number, to: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#entries.delta(epoch, from, to);
  }

  /** The bytes of a snapshot that some head has named; undefined for one that has gone. */
  snapshot(epoch: number, seq: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#snapshots.read(epoch, seq);
  }

  /** Whether the log stops a token: for the issuer's own questions, which no replica answers. */
  isStopped(token: WatermarkQuestion & TokenIds): boolean {
    const { workflows, blocks } = token;
    const watermarks = new WatermarkSet();
    for (const one of this.watermarks()) watermarks.add(one, one.expires);
    return (
      watermarks.find(token) !== undefined ||
      workflows.some((id) => this.#entries.has({ kind: 'workflow', id })) ||
      blocks.some((id) => this.#entries.has({ kind: 'block', id }))
    );
  }

  watermarks(): readonly HeadWatermark[] {
    return this.#entries.watermarks(seconds());
  }

  /** Makes a snapshot where one is due, forgets what is dead, and catches up with the archive. */
  override async alarm(): Promise<void> {
    await this.#compared();
    const now = seconds();
    const { state } = this.#entries;
    if (isSnapshotDue(state, this.#snapshots.made[0], now)) {
      this.#snapshots.make(state, this.#entries.living(now), now);
    }
    this.#compact(now);
    const isArchived = await this.#archive(state.seq);
    const isIdle = state.live === 0 && this.#snapshots.made[0]?.seq === state.seq;
    if (isArchived && isIdle) return;
    const wait = isArchived ? SNAPSHOT_SECONDS * 1000 : ARCHIVE_RETRY_MILLISECONDS;
    await this.ctx.storage.setAlarm(Date.now() + wait);
  }

  /** Deltas are handed out from the older of the two snapshots on. */
  #compact(now: number): void {
    const { epoch, deltaFrom } = this.#entries.state;
    const [, older] = this.#snapshots.made.filter((one) => one.epoch === epoch);
    this.#entries.compact(older?.seq ?? deltaFrom, now);
  }

  async #wakeForSnapshot(): Promise<void> {
    const isNear = isSnapshotNear(this.#entries.state, this.#snapshots.made[0]);
    const set = await this.ctx.storage.getAlarm();
    const wanted = Date.now() + (isNear ? 0 : SNAPSHOT_SECONDS * 1000);
    if (set === null || set > wanted) await this.ctx.storage.setAlarm(wanted);
  }

  /** Nothing is appended or vouched for before it is known that this log was not taken back. */
  async #compared(): Promise<void> {
    if (this.#archivedSeq !== undefined) return;
    await this.ctx.blockConcurrencyWhile(async () => {
      this.#archivedSeq ??= await this.#compare();
    });
  }

  /** Answers up to where the archive has it. */
  async #compare(): Promise<number> {
    const archive = feedArchive(this.env, this.#shard);
    const held = await archive.position();
    const log = this.#entries.state;
    const standing = compareWithArchive(log, held, (seq) => this.#entries.chainAt(seq));
    if (standing.kind === 'whole') return held?.epoch === log.epoch ? held.seq : 0;
    const lost: ArchivedEntry[] = [];
    for (let page = await archive.since(standing.lostAfter, seconds()); page.length > 0; ) {
      lost.push(...page);
      page = await archive.since(page.at(-1)?.seq ?? 0, seconds());
    }
    this.#entries.startEpoch(standing.end, lost);
    const { state } = this.#entries;
    this.#snapshots.make(state, this.#entries.living(seconds()), seconds());
    console.error({
      ...{ event: 'feed.epoch', shard: this.#shard, epoch: state.epoch, seq: state.seq },
      ...{ was: { epoch: log.epoch, seq: log.seq } satisfies Omit<Position, 'chain'> },
      restored: lost.length,
    });
    return standing.end.seq;
  }

  /** True when the archive has everything up to `seq`. Bounded: a revocation does not wait for it. */
  async #archive(seq: number): Promise<boolean> {
    this.#archiving ??= this.#copyToArchive().finally(() => {
      this.#archiving = undefined;
    });
    const bound = new Promise((passed) => setTimeout(passed, ARCHIVE_MILLISECONDS_MAX));
    await Promise.race([this.#archiving.catch(() => undefined), bound]);
    const isThere = (this.#archivedSeq ?? 0) >= seq;
    if (!isThere) {
      console.error({ event: 'feed.archive.behind', shard: this.#shard, seq });
      await this.ctx.storage.setAlarm(Date.now() + ARCHIVE_RETRY_MILLISECONDS);
    }
    return isThere;
  }

  async #copyToArchive(): Promise<void> {
    const archive = feedArchive(this.env, this.#shard);
    for (;;) {
      const { epoch, seq, chain } = this.#entries.state;
      const page = this.#entries.since(this.#archivedSeq ?? 0);
      const last = page.at(-1);
      // An epoch that begins has a position and no entry yet, which the archive must know as well.
      await archive.keep(last ? { epoch, seq: last.seq, chain: last.chain } : { epoch, seq, chain }, page);
      this.#archivedSeq = last?.seq ?? seq;
      if (this.#archivedSeq >= this.#entries.state.seq) return;
    }
  }
}

export interface TokenIds {
  readonly workflows: readonly string[];
  readonly blocks: readonly string[];
}

const seconds = (): number => Math.floor(Date.now() / 1000);
