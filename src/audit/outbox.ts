import { isWithin, readClock, type UnixMilliseconds } from '../clock.ts';
import { RECORDS_PER_BATCH_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import { within } from '../within.ts';
import type { DecisionRecord, Outcome } from './kinds/index.ts';
import { toOutcomeRecord, type VerifierRecord } from './kinds/index.ts';
import {
  COLLECTED_MILLISECONDS,
  dueAfter,
  isDenial,
  isOpen,
  type QueuedRecord,
} from './queued-record.ts';
import type { RecordSink } from './record-sink.ts';

/** One batch. After that the next response tries again. */
const RECORDS_SEND_MILLISECONDS_MAX = 10_000;
/** The record before an irreversible call, whose caller waits. */
const RECORD_FIRST_MILLISECONDS_MAX = 5_000;
/** Longer than a round trip to the issuer takes. */
const RECORD_LATE_MILLISECONDS = 300;
/** Records in a verifier whose sink does not answer. */
export const RECORDS_QUEUED_MAX = 1_000;
/**
 * A batch that is worth sending before others had time to join it. Each batch costs a row in the
 * log and one for each workflow in it, so larger ones make decisions cheaper under load.
 */
const RECORDS_COLLECTED_MAX = 50;
/** What the log reported longer ago says nothing about it now. */
const FILL_MILLISECONDS_MAX = 60_000;

/** Between two checks whether another request is still sending. */
const TURN_MILLISECONDS = 50;
/** One message may get lost. Two in a row are an outage, and the caller is waiting. */
const FIRST_TRIES_MAX = 2;

/**
 * A verifier's queue of decision records. Numbers them as they are made, sends them in batches in
 * the order of their numbers, and keeps them while the sink does not answer. A full queue drops
 * the oldest denials, then the oldest records, and the gap in `n` shows that.
 *
 * The requests of an isolate share the queue and never a promise. On Workers a promise belongs to
 * the request that created it, and awaiting one of a finished request never settles. So each
 * request sends by itself, and a timestamp shows whether another one is sending.
 *
 * @example
 * ```ts
 * import { RecordOutbox, toDecisionRecord, type VerifierRecord } from 'hewn/audit';
 *
 * const sent: VerifierRecord[] = [];
 * const outbox = new RecordOutbox('api-1', async (batch) => void sent.push(...batch));
 *
 * const decision = await verifier.verify(token, {
 *   tier: 1,
 *   tool: 'crm.search',
 *   action: 'read',
 *   dataset: 'crm/contacts/eu',
 * });
 * const stamp = { verifier: outbox.verifier, n: outbox.next(), at: Date.now() };
 * outbox.add(toDecisionRecord(decision, stamp));
 * await outbox.flush();
 * console.assert(sent[0]?.id === 'api-1.1');
 * ```
 */
export class RecordOutbox {
  readonly verifier: string;
  readonly #send: RecordSink;
  readonly #sendMilliseconds: number;
  readonly #report: Report;
  #queue: QueuedRecord[] = [];
  #count = 0;
  /** When one of the requests began to send. */
  #busySince: UnixMilliseconds = Number.NEGATIVE_INFINITY;
  /** When one of the requests began to wait for a larger batch. */
  #collectingSince: UnixMilliseconds = Number.NEGATIVE_INFINITY;
  #told = { fill: 0, at: Number.NEGATIVE_INFINITY as UnixMilliseconds };

  constructor(
    verifier: string,
    send: RecordSink,
    sendMilliseconds: number = RECORDS_SEND_MILLISECONDS_MAX,
    reporter: Report = report,
  ) {
    this.verifier = verifier;
    this.#send = send;
    this.#sendMilliseconds = sendMilliseconds;
    this.#report = reporter;
  }

  /** Returns the number for the next record, which must be added before anything is awaited. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /** The highest number that `next` has returned. */
  get highest(): number {
    return this.#count;
  }

  /** Returns whether sendable records have waited longer than collecting and sending takes. */
  isBehind(now: UnixMilliseconds): boolean {
    const [first] = this.#queue;
    if (!first || isOpen(first, now)) return false;
    return !isWithin(first.addedAt, now, dueAfter(first) + RECORD_LATE_MILLISECONDS);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Returns how full the way to the log is, from 0 to 1: this queue, or the log as its newest
   * answer reported it. At 1, a further record is lost. Denials do not count, because they are
   * dropped first: otherwise strangers could fill the queue in an outage, and stop the calls of
   * others.
   */
  fill(now: UnixMilliseconds = readClock()): number {
    const { fill, at } = this.#told;
    const told = isWithin(at, now, FILL_MILLISECONDS_MAX) ? fill : 0;
    const calls = this.#queue.filter(({ record }) => !isDenial(record)).length;
    return Math.max(told, calls / RECORDS_QUEUED_MAX);
  }

  /** Adds a record. With `canWait`, `collect` leaves it some time for others to join it. */
  add(record: VerifierRecord, canWait = false): void {
    this.#enqueue(record, 0, canWait);
  }

  /**
   * Adds the record of a call that is being made. Its outcome is added if it is known within
   * `milliseconds` and before the record is sent; a later outcome becomes a separate record. So
   * the call has its number from the start, and is recorded whatever happens to it.
   */
  open(record: DecisionRecord, milliseconds: number): void {
    this.#enqueue(record, milliseconds, milliseconds > 0);
  }

  /** Adds the outcome of an opened record. Returns the record that contains the outcome. */
  close(record: DecisionRecord, outcome: Outcome): VerifierRecord {
    const entry = this.#queue.find((one) => one.record === record);
    if (entry && !entry.isFixed) {
      const whole = { ...record, outcome };
      entry.record = whole;
      entry.closedAt = readClock();
      return whole;
    }
    const stamp = { verifier: this.verifier, n: this.next(), at: readClock() };
    const late = toOutcomeRecord(record, stamp, outcome);
    // Its decision is written already, so it may wait.
    this.add(late, true);
    return late;
  }

  /**
   * Writes a record before the recorded call happens. Returns true if the log has it. Sends and
   * waits only for this record and those before it, even if another request is sending them too.
   */
  async addFirst(record: VerifierRecord): Promise<boolean> {
    const entry = this.#enqueue(record, 0);
    for (let failures = 0; entry.fate === 'waiting' && failures < FIRST_TRIES_MAX; ) {
      const passed = readClock() - entry.addedAt;
      if (!isWithin(entry.addedAt, readClock(), RECORD_FIRST_MILLISECONDS_MAX)) break;
      const left = Math.min(RECORD_FIRST_MILLISECONDS_MAX - passed, this.#sendMilliseconds);
      const before = this.#queue.slice(0, this.#queue.indexOf(entry) + 1);
      const unwritten = before.filter(({ fate }) => fate === 'waiting');
      const batch = unwritten.slice(0, RECORDS_PER_BATCH_MAX);
      if (!(await this.#deliver(batch, left, 'log_only'))) failures += 1;
    }
    return entry.fate === 'written' || entry.fate === 'done';
  }

  /**
   * Sends the queued records, one batch at a time; for `ctx.waitUntil`. Returns true once the
   * records that were queued at the start are gone, no matter which request sent them, and false if
   * they could not be sent. Never throws.
   */
  async flush(): Promise<boolean> {
    const last = this.#queue.at(-1)?.record.n ?? 0;
    const begun = readClock();
    for (let now = begun; isWithin(begun, now, 2 * this.#sendMilliseconds); now = readClock()) {
      const [first] = this.#queue;
      if (!first) return true;
      const isBusy = isWithin(this.#busySince, now, this.#sendMilliseconds);
      const batch = isBusy ? [] : this.#sendable(now);
      if (batch.length > 0) {
        if (!(await this.#deliverInTurn(batch))) return false; // The next response tries again.
      } else if (first.record.n > last) return true;
      else await new Promise((passed) => setTimeout(passed, TURN_MILLISECONDS));
    }
    return false;
  }

  /**
   * Sends the queued records as `flush` does, once a batch is worth it or has waited enough. Only
   * one request waits: the others return true, and it sends their records, too. Never throws.
   */
  async collect(): Promise<boolean> {
    const begun = readClock();
    let now = begun;
    while (this.#queue.length > 0 && !this.#isDue(now)) {
      if (now === begun) {
        if (isWithin(this.#collectingSince, now, COLLECTED_MILLISECONDS)) return true;
        this.#collectingSince = begun;
      }
      await new Promise((passed) => setTimeout(passed, TURN_MILLISECONDS));
      now = readClock();
      // A clock that was set back must not keep this request here.
      if (!isWithin(begun, now, COLLECTED_MILLISECONDS + TURN_MILLISECONDS)) break;
    }
    if (this.#collectingSince === begun) this.#collectingSince = Number.NEGATIVE_INFINITY;
    return this.flush();
  }

  #isDue(now: UnixMilliseconds): boolean {
    return (
      this.#queue.length >= RECORDS_COLLECTED_MAX ||
      this.#queue.some((entry) => !isWithin(entry.addedAt, now, dueAfter(entry)))
    );
  }

  #enqueue(record: VerifierRecord, openMilliseconds: number, canWait = false): QueuedRecord {
    const addedAt = readClock();
    const entry: QueuedRecord = {
      record,
      openMilliseconds,
      addedAt,
      canWait,
      isFixed: false,
      fate: 'waiting',
    };
    this.#queue.push(entry);
    if (this.#queue.length > RECORDS_QUEUED_MAX) this.#drop();
    return entry;
  }

  /** Loses the record of a call that was not made, if there is one, and the oldest otherwise. */
  #drop(): void {
    const denial = this.#queue.findIndex(({ record }) => isDenial(record));
    const [dropped] = this.#queue.splice(Math.max(0, denial), 1);
    if (dropped) dropped.fate = 'lost';
    this.#report('outbox.dropped', { verifier: this.verifier, n: dropped?.record.n });
  }

  /** Returns the next batch in order: a record that is still open holds up those behind it. */
  #sendable(now: UnixMilliseconds): readonly QueuedRecord[] {
    const open = this.#queue.findIndex((entry) => isOpen(entry, now));
    const end = open === -1 ? this.#queue.length : open;
    return this.#queue.slice(0, Math.min(end, RECORDS_PER_BATCH_MAX));
  }

  async #deliverInTurn(batch: readonly QueuedRecord[]): Promise<boolean> {
    const since = readClock();
    this.#busySince = since;
    const isSent = await this.#deliver(batch, this.#sendMilliseconds);
    if (this.#busySince === since) this.#busySince = Number.NEGATIVE_INFINITY;
    return isSent;
  }

  /** Returns whether the log answered. A batch may arrive twice: the ids make that harmless. */
  async #deliver(
    batch: readonly QueuedRecord[],
    milliseconds: number,
    how?: 'log_only',
  ): Promise<boolean> {
    for (const entry of batch) entry.isFixed = true;
    const { verifier } = this;
    const fate = how ? 'written' : 'done';
    try {
      const records = batch.map(({ record }) => record);
      const sent = how ? this.#send(records, how) : this.#send(records);
      const taken = (await within(sent, milliseconds)) ?? [];
      const { refused: ids, fill } = 'refused' in taken ? taken : { refused: taken };
      if (fill !== undefined) this.#told = { fill, at: readClock() };
      const refused = new Set(ids);
      for (const entry of batch) {
        const isRefused = refused.has(entry.record.id);
        if (isRefused) this.#report('outbox.refused', { verifier, n: entry.record.n });
        if (entry.fate === 'waiting' || !how) entry.fate = isRefused ? 'lost' : fate;
      }
      this.#queue = this.#queue.filter(({ fate: one }) => one === 'waiting' || one === 'written');
      return true;
    } catch (error) {
      const code = error instanceof Error ? error.name : typeof error;
      this.#report('outbox.failed', { code, verifier, waiting: this.#queue.length });
      return false;
    }
  }
}
