import {
  RECORDS_PER_BATCH_MAX,
  RECORDS_QUEUED_MAX,
  RECORDS_SEND_MILLISECONDS_MAX,
} from '../limits.ts';
import { SingleFlight } from '../single-flight.ts';
import type { VerifierRecord } from './record.ts';

/**
 * Takes a batch; throws where it could not be written, so that the batch is kept and sent again.
 */
export type RecordSink = (batch: readonly VerifierRecord[]) => Promise<void>;

/**
 * Decision records on their way out: numbered as they are made, sent in batches after the response,
 * kept while the sink does not answer. Over its bound the oldest go first, and the gap in `n`
 * tells.
 */
export class RecordOutbox {
  readonly verifier: string;
  readonly #send: RecordSink;
  #queue: VerifierRecord[] = [];
  #count = 0;
  readonly #sending: SingleFlight<void>;

  constructor(
    verifier: string,
    send: RecordSink,
    sendMilliseconds: number = RECORDS_SEND_MILLISECONDS_MAX,
  ) {
    this.verifier = verifier;
    this.#send = send;
    this.#sending = new SingleFlight(() => this.#drain(), sendMilliseconds);
  }

  /** The next number of this verifier's records. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  add(record: VerifierRecord): void {
    this.#queue.push(record);
    if (this.#queue.length > RECORDS_QUEUED_MAX) this.#queue.shift();
  }

  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Writes a record before what it is about happens: true where it and all before it are written.
   */
  async addFirst(record: VerifierRecord): Promise<boolean> {
    this.add(record);
    await this.flush();
    // It may have been added while a batch was on its way.
    if (this.#queue.includes(record)) await this.flush();
    return !this.#queue.includes(record);
  }

  /** Sends what waits, one batch at a time; for `ctx.waitUntil`. Never throws. */
  flush(): Promise<void> {
    return this.#sending.join();
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, RECORDS_PER_BATCH_MAX);
      try {
        await this.#send(batch);
      } catch {
        return; // The next response tries again; ids make a batch that did arrive harmless.
      }
      const sent = new Set(batch);
      this.#queue = this.#queue.filter((record) => !sent.has(record));
    }
  }
}
