import { readClock, type UnixMilliseconds } from '../clock.ts';
import type { RecordCounts } from '../feed/index.ts';
import { type Report, report } from '../report.ts';
import { DECISION_LOGS, decisionLogOf, type LogName } from './logs.ts';
import { RecordOutbox } from './outbox.ts';
import type { RecordSink } from './record-sink.ts';

/** Returns the sink of one decision log. */
export type SinkOf = (log: LogName) => RecordSink;

/**
 * A verifier's records, in one outbox for each decision log of its issuer. Each log counts the
 * records of a verifier by itself, so each outbox numbers its own under a name of its own: the
 * verifier's, a hyphen and the shard. A number that is missing is missing in that log.
 */
export class ShardedOutbox {
  /** Names the process or isolate. */
  readonly verifier: string;
  readonly #outboxes: ReadonlyMap<LogName, RecordOutbox>;

  constructor(verifier: string, sinkOf: SinkOf, reporter: Report = report) {
    this.verifier = verifier;
    this.#outboxes = new Map(
      DECISION_LOGS.map((log, shard) => [
        log,
        new RecordOutbox(`${verifier}-${shard}`, sinkOf(log), undefined, reporter),
      ]),
    );
  }

  /**
   * Returns the outbox for the records of a workflow. Those of calls without one, whose token did
   * not hold, go by the name of the verifier.
   */
  of(workflow: string | undefined): RecordOutbox {
    const outbox = this.#outboxes.get(decisionLogOf(workflow, this.verifier));
    if (!outbox) throw new Error('a record belongs to one of the decision logs');
    return outbox;
  }

  get waiting(): number {
    return this.#all.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Sends what waits, to all logs at once. Returns whether all of it was sent. Never throws. */
  async flush(): Promise<boolean> {
    return (await Promise.all(this.#all.map((outbox) => outbox.flush()))).every(Boolean);
  }

  /** Sends what is due, as `RecordOutbox.collect` does it. */
  async collect(): Promise<boolean> {
    return (await Promise.all(this.#all.map((outbox) => outbox.collect()))).every(Boolean);
  }

  /** Returns how many records were numbered for each log, for the reports of a position. */
  counts(now: UnixMilliseconds = readClock()): RecordCounts {
    return {
      counts: [...this.#outboxes].flatMap(([origin, { highest: n }]) =>
        n === 0 ? [] : [{ origin, n }],
      ),
      isBehind: this.#all.some((outbox) => outbox.isBehind(now)),
    };
  }

  get #all(): readonly RecordOutbox[] {
    return [...this.#outboxes.values()];
  }
}
