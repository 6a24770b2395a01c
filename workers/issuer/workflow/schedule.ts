import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { dueAt } from '../../../src/lifecycle/index.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { SignalOutbox } from '../signals/outbox.ts';
import type { Closer } from './closer.ts';
import { retryMilliseconds } from './delivery.ts';
import type { Intents } from './intents.ts';
import type { DeviationMonitor } from './monitor.ts';
import type { WorkflowRows } from './rows.ts';

/** An alarm that would go off this soon is moved. A later one costs less than moving it. */
const ALARM_SOON_MILLISECONDS = 60_000;
/** The storage of an ended workflow waits for the log that has to record its end. */
const ADOPTION_RETRY_MILLISECONDS = 60_000; // A suspended workflow does nothing meanwhile.
const CLOSE_RETRY_MILLISECONDS = 15 * 60_000;

interface ScheduleParts {
  readonly storage: DurableObjectStorage;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly monitor: DeviationMonitor;
  readonly owed: OwedRecords;
  readonly signals: SignalOutbox;
  readonly closer: Closer;
  /** Whether it is open which facts a suspended root has: the log that has them did not answer. */
  readonly isUncertain: () => boolean;
}

/**
 * Sets the alarm of one object. To set an alarm is billed as a row, and every call moves the time
 * at which an idle workflow expires. So an alarm that is due earlier than needed stays: it finds
 * nothing to do, and sets the next one.
 */
export class Schedule {
  readonly #parts: ScheduleParts;
  /** Alarms in a row that left something open. In memory, so a restarted object retries soon. */
  #failures = 0;

  constructor(parts: ScheduleParts) {
    this.#parts = parts;
  }

  /** Sets the alarm to the clock's next transition, or to the next retry of open work. */
  async set(): Promise<void> {
    const now = readClock();
    const at = this.#dueAt(now);
    if (at === undefined) return;
    const { storage } = this.#parts;
    const current = await storage.getAlarm();
    const isEarly = current !== null && current <= at;
    if (isEarly && (current === at || current > now + ALARM_SOON_MILLISECONDS)) return;
    await storage.setAlarm(at);
  }

  /** Ends a run of the alarm. */
  async setNext(): Promise<void> {
    this.#failures = this.#isOpen() ? this.#failures + 1 : 0;
    await this.set();
  }

  #dueAt(now: UnixMilliseconds): UnixMilliseconds | undefined {
    const { rows, intents, signals, owed, closer } = this.#parts;
    const clocks = rows.tree().flatMap(({ life }) => dueAt(life) ?? []);
    const due = clocks.map((at) => (at + 1) * 1000);
    if (this.#isOpen()) due.push(now + retryMilliseconds(intents.open(), this.#failures));
    for (const at of [signals.dueAt(), owed.dueAt()]) if (at !== undefined) due.push(at);
    if (this.#parts.isUncertain()) due.push(now + ADOPTION_RETRY_MILLISECONDS);
    const closes = closer.dueAt();
    if (closes !== undefined) {
      due.push(closes > now ? closes + 1 : now + CLOSE_RETRY_MILLISECONDS);
    }
    return due.length === 0 ? undefined : Math.min(...due);
  }

  #isOpen(): boolean {
    const { intents, monitor } = this.#parts;
    return intents.open().length + monitor.open().length > 0;
  }
}
