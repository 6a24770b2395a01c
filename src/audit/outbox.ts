import { isWithin, readClock, type UnixMilliseconds } from '../clock.ts';
import { RECORDS_PER_BATCH_MAX } from '../limits.ts';
import { type Report, report } from '../report.ts';
import { within } from '../within.ts';
import type { DecisionRecord, Outcome } from './kinds/index.ts';
import { toOutcomeRecord, type VerifierRecord } from './kinds/index.ts';

/** One batch. After that the next response tries again. */
const RECORDS_SEND_MILLISECONDS_MAX = 10_000;
/** The record before an irreversible call, whose caller waits. */
const RECORD_FIRST_MILLISECONDS_MAX = 5_000;
/** Longer than a round trip to the issuer takes. */
const RECORD_LATE_MILLISECONDS = 300;
/** Records in a verifier whose sink does not answer. */
export const RECORDS_QUEUED_MAX = 1_000;

/**
 * Takes a batch and returns the ids of records that it will never take, if there are any. Throws if
 * the batch could not be written, so that the outbox keeps it and sends it again. `log_only` means
 * that a caller waits: the sink only writes the records, and gets them a second time later.
 */
export type RecordSink = (
  batch: readonly VerifierRecord[],
  how?: 'log_only',
  // biome-ignore lint/suspicious/noConfusingVoidType: a sink that refuses nothing returns nothing.
) => Promise<readonly string[] | void>;

interface Entry {
  record: VerifierRecord;
  /** How long after `addedAt` the outcome may still be added to the record. */
  readonly openMilliseconds: number;
  readonly addedAt: UnixMilliseconds;
  closedAt?: UnixMilliseconds;
  /** It was in a batch. The log may have it and accepts no second version. */
  isFixed: boolean;
  /** `written` by a `log_only` batch; `done` by a full one. */
  fate: 'waiting' | 'written' | 'done' | 'lost';
}

/** Between two checks whether another request is still sending. */
const TURN_MILLISECONDS = 50;
/** One message may get lost. Two in a row are an outage, and the caller is waiting. */
const FIRST_TRIES_MAX = 2;

/**
 * A verifier's queue of decision records. Numbers them as they are made, sends them in batches in
 * the order of their numbers, and keeps them while the sink does not answer. A full queue drops the
 * oldest records, and the gap in `n` shows that.
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
  #queue: Entry[] = [];
  #count = 0;
  /** When one of the requests began to send. */
  #busySince: UnixMilliseconds = Number.NEGATIVE_INFINITY;

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

  /** Returns whether sendable records have waited longer than sending takes. */
  isBehind(now: UnixMilliseconds): boolean {
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
   * Adds the record of a call that is being made. Its outcome is added if it is known within
   * `milliseconds` and before the record is sent; a later outcome becomes a separate record. So
   * the call has its number from the start, and is recorded whatever happens to it.
   */
  open(record: DecisionRecord, milliseconds: number): void {
    this.#enqueue(record, milliseconds);
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
    this.add(late);
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

  /** Returns the next batch in order: a record that is still open holds up those behind it. */
  #sendable(now: UnixMilliseconds): readonly Entry[] {
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

  /** Returns whether the log answered. A batch may arrive twice: the ids make that harmless. */
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

const isOpen = (
  { addedAt, openMilliseconds, closedAt, isFixed }: Entry,
  now: UnixMilliseconds,
): boolean => closedAt === undefined && !isFixed && isWithin(addedAt, now, openMilliseconds);
