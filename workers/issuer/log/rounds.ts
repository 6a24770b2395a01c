import { type LogName, logKindOf } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import type { SignedTree } from './binding.ts';
import type { PendingRecords } from './pending.ts';
import type { Sealer } from './seal/sealer.ts';

/** How long records are rows at most, while the archive answers. */
const ROUND_MILLISECONDS = 60_000;
/** Rounds decide what a decision log costs, and no one waits for one: a receipt runs its own. */
const DECISIONS_ROUND_MILLISECONDS = 300_000;
/** After a round that failed. */
const RETRY_MILLISECONDS = 60_000;
/** A round begins at once where so much is pending. */
const ROUND_CHARACTERS = 256 * 1024;
/** More than a million decisions a day have in their four logs within a round. */
const DECISIONS_ROUND_CHARACTERS = 1024 * 1024;
/** The first append waits so long for the comparison with the archive. */
const COMPARE_MILLISECONDS_MAX = 2_000;

/** When a log moves its records to the archive, and what becomes of a round that fails. */
export class Rounds {
  readonly #log: LogName;
  readonly #sealer: Sealer;
  readonly #pending: PendingRecords;
  /** What follows a round that succeeded, with a tree that it signed. It never rejects. */
  readonly #afterwards: (signed: SignedTree | undefined) => Promise<void>;
  #signedSize = 0;
  #isCompared = false;
  #running: Promise<void> | undefined;
  /** When a round is tried again after one that failed. */
  #retryAt: UnixMilliseconds | undefined;

  constructor(
    log: LogName,
    sealer: Sealer,
    pending: PendingRecords,
    afterwards: (signed: SignedTree | undefined) => Promise<void>,
  ) {
    this.#log = log;
    this.#sealer = sealer;
    this.#pending = pending;
    this.#afterwards = afterwards;
  }

  /** Whether the log was compared with its archive since it was opened. */
  get isCompared(): boolean {
    return this.#isCompared;
  }

  /** Whether so much is pending that a round should not wait for its time. */
  get isUrgent(): boolean {
    const isDecisions = logKindOf(this.#log) === 'decisions';
    const most = isDecisions ? DECISIONS_ROUND_CHARACTERS : ROUND_CHARACTERS;
    const isMuch = this.#pending.bytes >= most;
    return isMuch && this.#running === undefined && this.#retryAt === undefined;
  }

  /** When the next round is due; undefined if nothing is pending. */
  dueAt(): UnixMilliseconds | undefined {
    const { since } = this.#pending;
    if (this.#retryAt !== undefined) return this.#retryAt;
    return since === undefined ? undefined : since + roundMilliseconds(this.#log);
  }

  /** Runs a round, or waits for the one that is running. Rejects if it failed. */
  async run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /**
   * A log that was restored to an earlier state learns it from its archive before it gives an index
   * away. An archive that does not answer delays no record for long: the next round compares.
   */
  async compare(): Promise<void> {
    try {
      await within(this.#sealer.ready(), COMPARE_MILLISECONDS_MAX);
    } catch (error) {
      this.#report('audit.uncompared', error);
    }
    this.#isCompared = true;
  }

  async #run(): Promise<void> {
    try {
      const tree = await this.#sealer.round();
      const isNew = tree !== undefined && tree.size > this.#signedSize;
      this.#signedSize = tree?.size ?? this.#signedSize;
      this.#retryAt = undefined;
      await this.#afterwards(isNew ? tree : undefined);
    } catch (error) {
      this.#retryAt = readClock() + RETRY_MILLISECONDS;
      this.#report('audit.unsealed', error);
      throw error;
    }
  }

  #report(event: string, error: unknown): void {
    const why = error instanceof Error ? error.message : typeof error;
    report(event, { code: this.#log, log: this.#log, why });
  }
}

/** Returns how long records of a log are rows at most, while the archive answers. */
export const roundMilliseconds = (log: LogName): number =>
  logKindOf(log) === 'decisions' ? DECISIONS_ROUND_MILLISECONDS : ROUND_MILLISECONDS;
