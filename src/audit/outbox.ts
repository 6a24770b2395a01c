import { isWithin, readClock } from '../clock.ts';
import { RECORDS_PER_BATCH_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import { within } from '../within.ts';
import type { DecisionRecord, Outcome } from './kinds/index.ts';
import { toOutcomeRecord, type VerifierRecord } from './kinds/index.ts';

const RECORDS_SEND_MILLISECONDS_MAX = 10_000; // Then the next response tries again.
const RECORD_FIRST_MILLISECONDS_MAX = 5_000; // Before an irreversible call; its caller waits.
const RECORD_LATE_MILLISECONDS = 300; // Waiting longer than a way to the issuer and back.
export const RECORDS_QUEUED_MAX = 1_000; // Waiting in a verifier whose sink does not answer.

/**
 * Takes a batch, and answers with the ids of those that it will never take, where there are any.
 * Throws where the batch could not be written, so that it is kept and sent again. With `log_only` a
 * caller waits: what else is done with records need not be done now, and they come once more.
 */
export type RecordSink = (
  batch: readonly VerifierRecord[],
  how?: 'log_only',
  // biome-ignore lint/suspicious/noConfusingVoidType: a sink that refuses nothing need not say so.
) => Promise<readonly string[] | void>;

interface Entry {
  record: VerifierRecord;
  /** How long, from `addedAt`, its outcome may still be put into it. */
  readonly openMilliseconds: number;
  readonly addedAt: number;
  closedAt?: number;
  /** It was in a batch: the log may have it, and takes no second version of it. */
  isFixed: boolean;
  /** `done`: written, and whatever else is done with it. */
  fate: 'waiting' | 'written' | 'done' | 'lost';
}

const TURN_MILLISECONDS = 50; // Between two looks at what another request is sending.
const FIRST_TRIES_MAX = 2; // A message is lost once; twice is an outage, and the caller waits.

/**
 * Decision records on their way out: numbered as they are made, sent in batches, in the order of
 * their numbers, and kept while the sink does not answer. Over its bound the oldest go first, and
 * the gap in `n` tells.
 *
 * An isolate's requests share the queue and no promise: on Workers a promise belongs to the request
 * that made it, and whoever waits on one of a request that has ended waits for nothing. So each
 * sends by itself, and sees by a time whether another is at it.
 */
export class RecordOutbox {
  readonly verifier: string;
  readonly #send: RecordSink;
  readonly #sendMilliseconds: number;
  readonly #report: Report;
  #queue: Entry[] = [];
  #count = 0;
  /** Since when one of the requests has been sending. */
  #busySince = Number.NEGATIVE_INFINITY;

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

  /** The next number of this verifier's records; the record is added before anything is awaited. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  /** The highest number that was given out. */
  get highest(): number {
    return this.#count;
  }

  /** Whether records wait for longer than it takes to send them, once they may be sent. */
  isBehind(now: number): boolean {
    const [first] = this.#queue;
    if (!first || isOpen(first, now)) return false;
    const { addedAt, openMilliseconds, closedAt = addedAt + openMilliseconds } = first;
    return !isWithin(closedAt, now, RECORD_LATE_MILLISECONDS);
  }

  get waiting(): number {
    return this.#queue.length;
  }

  add(record: VerifierRecord): void {
    this.#enqueue(record, 0);
  }

  /**
   * Adds the record of a call that is being made. Its outcome goes into it where it is known within
   * `milliseconds` and before the record is sent; what is later is a record of its own. So what is
   * made has its number from the start, and is written whatever becomes of it.
   */
  open(record: DecisionRecord, milliseconds: number): void {
    this.#enqueue(record, milliseconds);
  }

  /** What became of an opened record. Answers with the record that says so. */
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
    this.add(late);
    return late;
  }

  /**
   * Writes a record before what it is about happens: true where the log has it. It waits for this
   * one and those before it alone, which it sends by itself, whoever else may be sending them.
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
   * Sends what waits, one batch at a time; for `ctx.waitUntil`. True once what waited at its begin
   * is gone, whoever sent it; false where it could not be sent. Never throws.
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

  #enqueue(record: VerifierRecord, openMilliseconds: number): Entry {
    const addedAt = readClock();
    const entry: Entry = { record, openMilliseconds, addedAt, isFixed: false, fate: 'waiting' };
    this.#queue.push(entry);
    if (this.#queue.length > RECORDS_QUEUED_MAX) {
      const [dropped] = this.#queue.splice(0, 1);
      if (dropped) dropped.fate = 'lost';
      this.#report('outbox.dropped', { verifier: this.verifier, n: dropped?.record.n });
    }
    return entry;
  }

  /** In the order of their numbers: one that is still open holds up those behind it. */
  #sendable(now: number): readonly Entry[] {
    const open = this.#queue.findIndex((entry) => isOpen(entry, now));
    const end = open === -1 ? this.#queue.length : open;
    return this.#queue.slice(0, Math.min(end, RECORDS_PER_BATCH_MAX));
  }

  async #deliverInTurn(batch: readonly Entry[]): Promise<boolean> {
    const since = readClock();
    this.#busySince = since;
    const isSent = await this.#deliver(batch, this.#sendMilliseconds);
    if (this.#busySince === since) this.#busySince = Number.NEGATIVE_INFINITY;
    return isSent;
  }

  /** True where the log has answered; ids make a batch that arrives twice harmless. */
  async #deliver(
    batch: readonly Entry[],
    milliseconds: number,
    how?: 'log_only',
  ): Promise<boolean> {
    for (const entry of batch) entry.isFixed = true;
    const { verifier } = this;
    const fate = how ? 'written' : 'done';
    try {
      const records = batch.map(({ record }) => record);
      const sent = how ? this.#send(records, how) : this.#send(records);
      const refused = new Set((await within(sent, milliseconds)) ?? []);
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

const isOpen = ({ addedAt, openMilliseconds, closedAt, isFixed }: Entry, now: number): boolean =>
  closedAt === undefined && !isFixed && isWithin(addedAt, now, openMilliseconds);
