import {
  readClock,
  toSeconds,
  type UnixMilliseconds,
  type UnixSeconds,
} from '../../../src/clock.ts';
import type { Notice } from '../../../src/notices/index.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import type { CanaryEntry, CanarySpread } from '../feed/canary.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, revocationLog, workflowOf } from '../platform/env.ts';
import { drawCanaryId } from '../workflow/may-exist.ts';
import type { DrillRun, DrillStatus } from './binding.ts';
import { DrillRuns, type StoredRun } from './drill-runs.ts';
import { isSettled, judgeSpread, unheardOf } from './verdict.ts';

/** Each shard has a canary of its own. More shards take turns. */
const SHARDS_PER_RUN_MAX = 16;
/** A stop that takes longer has failed, whatever becomes of it. */
const STOP_MILLISECONDS_MAX = 10_000;
/** How long verifiers keep the entry: until the next run asks for the last time, with room. */
const CANARY_SECONDS = 600;
const ASK_MILLISECONDS = 250;
const ANSWER_MILLISECONDS_MAX = 3_000;
/** Names of verifiers in a run. */
const NAMES_MAX = 20;

interface DrillParts {
  readonly sql: SqlStorage;
  readonly env: () => IssuerEnv;
  readonly tell: (notice: Notice) => void;
}

/**
 * Stops a canary workflow in each shard, by the way of every other stop, and measures when each
 * verifier confirms it. No one holds a token of a canary and it never began, so it is in no list,
 * no statistics and no count of the breaker. It is in the feed, and its stop is in the audit log.
 */
export class Drill {
  readonly #parts: DrillParts;
  readonly #runs: DrillRuns;

  constructor(parts: DrillParts) {
    this.#parts = parts;
    this.#runs = new DrillRuns(parts.sql);
  }

  status(runsMax: number): DrillStatus {
    const { everySeconds, boundSeconds } = readConfig(this.#parts.env()).drill;
    return {
      ...(everySeconds !== undefined && { everySeconds }),
      boundMilliseconds: boundSeconds * 1_000,
      runs: this.#runs.newest(runsMax).map(({ n: _, ...run }) => run),
    };
  }

  /**
   * Returns when the next run is due. Returns undefined if no drill is scheduled. The first one
   * waits, so that verifiers have connected.
   */
  dueAt(now: UnixMilliseconds): UnixMilliseconds | undefined {
    const { everySeconds } = readConfig(this.#parts.env()).drill;
    if (everySeconds === undefined) return undefined;
    const latest = now + everySeconds * 1_000;
    const due = this.#runs.dueAt();
    // A clock that was set back would keep the drill from running.
    if (due !== undefined && due <= latest) return due;
    this.#runs.setDue(latest);
    return latest;
  }

  /** Finishes the last run of each shard, and runs once. Never rejects. */
  async run(): Promise<void> {
    const { shards, drill } = readConfig(this.#parts.env());
    // Before the run, so that a crash in it does not repeat it at once.
    this.#runs.setDue(readClock() + (drill.everySeconds ?? 0) * 1_000);
    const first = this.#runs.newest(1)[0]?.n ?? 0;
    const count = Math.min(shards, SHARDS_PER_RUN_MAX);
    const chosen = Array.from({ length: count }, (_, index) => (first + index) % shards);
    await Promise.allSettled(chosen.map((shard) => this.#runIn(shard)));
  }

  async #runIn(shard: number): Promise<void> {
    await this.#finishLast(shard);
    const at = readClock();
    const stopped = await this.#stop(shard, at);
    if (!stopped) {
      const run = { at, shard, verdict: 'failed', confirmed: 0, late: [], silent: [] } as const;
      this.#runs.add(run);
      return this.#alarm(run);
    }
    const inFeedMilliseconds = Math.max(0, readClock() - at);
    const entry = { ...stopped, at };
    const spread = await this.#follow(shard, entry);
    const result = spread ? judgeSpread(spread, this.#bound) : UNKNOWN;
    const run = { at, shard, ...stopped, inFeedMilliseconds, ...short(result) };
    this.#runs.add(run);
    this.#alarm(run);
  }

  /** Stops a new canary. Returns undefined if the feed does not have the entry in time. */
  async #stop(
    shard: number,
    at: UnixMilliseconds,
  ): Promise<Pick<CanaryEntry, 'epoch' | 'seq'> | undefined> {
    const env = this.#parts.env();
    const id = drawCanaryId(readConfig(env), shard);
    const canaryUntil = toSeconds(at) + CANARY_SECONDS;
    try {
      const revoked = await within(revoke(env, id, canaryUntil), STOP_MILLISECONDS_MAX);
      if (revoked.ok) return { epoch: revoked.value.epoch, seq: revoked.value.seq };
      report('drill.unstopped', { code: revoked.error.code, shard });
    } catch (error) {
      report('drill.unstopped', { code: (error as Error).name, shard });
    }
    return undefined;
  }

  /** Waits until every verifier has the entry, but not longer than the bound. */
  async #follow(shard: number, entry: CanaryEntry): Promise<CanarySpread | undefined> {
    const log = revocationLog(this.#parts.env(), shard);
    const asks = Math.ceil(this.#bound / ASK_MILLISECONDS);
    let spread = await this.#ask(async () => await log.canary({ ask: 'follow', entry }));
    for (let ask = 0; ask < asks && spread && !isSettled(spread); ask++) {
      await new Promise((passed) => setTimeout(passed, ASK_MILLISECONDS));
      spread = await this.#spreadOf(shard, entry);
    }
    return spread;
  }

  /** A verifier can be late only after the bound, so a run is judged again before the next one. */
  async #finishLast(shard: number): Promise<void> {
    const [last, before] = this.#runs.ofShard(shard, 2);
    if (last?.epoch === undefined || last.seq === undefined) return;
    const spread = await this.#spreadOf(shard, { epoch: last.epoch, seq: last.seq });
    if (!spread) return;
    const result = { ...last, ...short(judgeSpread(spread, this.#bound)) };
    this.#runs.update(last.n, result);
    if (last.verdict !== 'late') this.#alarm(result);
    this.#tellStale(shard, spread, before);
  }

  #spreadOf(shard: number, entry: Pick<CanaryEntry, 'epoch' | 'seq'>) {
    const boundMilliseconds = this.#bound;
    const log = revocationLog(this.#parts.env(), shard);
    return this.#ask(async () => await log.canary({ ask: 'spread', entry, boundMilliseconds }));
  }

  async #ask(question: () => Promise<CanarySpread | undefined>): Promise<CanarySpread | undefined> {
    return await within(question(), ANSWER_MILLISECONDS_MAX).catch(() => undefined);
  }

  get #bound(): number {
    return readConfig(this.#parts.env()).drill.boundSeconds * 1_000;
  }

  #alarm({ verdict, shard, late }: DrillRun): void {
    if (verdict !== 'failed' && verdict !== 'late') return;
    report('drill.failed', { code: verdict, shard, verifiers: late });
    const { boundSeconds } = readConfig(this.#parts.env()).drill;
    const data = { verdict, shard, verifiers: late, bound_seconds: boundSeconds };
    this.#parts.tell({ type: 'drill.failed', data });
  }

  #tellStale(shard: number, spread: CanarySpread, before: StoredRun | undefined): void {
    const stale = unheardOf(spread, before?.silent ?? []);
    for (const [cause, names] of [
      ['stale', stale],
      ['forked', spread.ahead],
    ] as const) {
      const verifiers = names.slice(0, NAMES_MAX);
      if (verifiers.length === 0) continue;
      report('drill.verifier', { code: cause, shard, verifiers });
      this.#parts.tell({ type: 'verifier.stale', data: { cause, shard, verifiers } });
    }
  }
}

const revoke = async (env: IssuerEnv, id: string, canaryUntil: UnixSeconds) =>
  await workflowOf(env, id).revoke(id, {
    actor: 'drill',
    reason: 'scheduled drill',
    evenUnknown: true,
    canaryUntil,
  });

/** The log did not answer, or does not follow the canary any more. */
const UNKNOWN = { verdict: 'unproven', confirmed: 0, late: [], silent: [] } as const;

const short = <T extends Pick<DrillRun, 'late' | 'silent'>>(result: T): T => ({
  ...result,
  late: result.late.slice(0, NAMES_MAX),
  silent: result.silent.slice(0, NAMES_MAX),
});
