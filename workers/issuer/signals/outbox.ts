import type { OrderVia } from '../../../src/audit/index.ts';
import { readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import type { Initiator, WorkflowChange } from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, signalStreams, statusList } from '../platform/env.ts';
import type { StoredRow } from '../platform/table.ts';
import type { Intent } from '../workflow/intents.ts';
import { CHANGE } from './columns.ts';

const SIGNALS_UNTOLD_RETRY_SECONDS = 10; // After a change that could not be published.

/** Where an object keeps changes, in order. */
export interface UntoldTable {
  all(): readonly StoredRow[];
  add(row: StoredRow): void;
  delete(numbers: readonly number[]): void;
}

/**
 * The changes of a workflow that are still to be published. Call `add` in the transaction that
 * makes the change, and `deliver` after it without waiting, so that it neither delays nor fails a
 * revocation. A change that could not be published stays, and the object's alarm tries again: at
 * least once.
 */
export class SignalOutbox {
  readonly #table: UntoldTable;
  readonly #env: IssuerEnv;

  constructor(table: UntoldTable, env: IssuerEnv) {
    this.#table = table;
    this.#env = env;
  }

  /** Adds a change, synchronously. Does nothing if signals are not configured. */
  add(change: WorkflowChange): void {
    if (!readConfig(this.#env).signals) return;
    if (this.#table.all().some(({ id }) => id === change.id)) return;
    this.#table.add({ id: change.id, change: CHANGE.write(change) });
  }

  /** Adds the change of an intent that the audit log and the feed have. */
  addIntent({ record, becomes }: Intent): void {
    const { id, at, subject } = record;
    const by = 'actor' in record ? initiatorOf(record) : 'system';
    if (becomes) this.add({ id, at, subject, by, ...becomes });
    // An unknown or ended workflow makes no transition, but it is still revoked.
    else if (record.event === 'revocation' && record.kind === 'workflow' && !record.canary) {
      this.add({ id, at, subject, by, workflow: record.target, state: 'revoked' });
    }
  }

  /** Returns when the alarm must call `deliver`, or undefined if everything is published. */
  dueAt(now: UnixMilliseconds = readClock()): UnixMilliseconds | undefined {
    const isLeft = this.#table.all().length > 0;
    return isLeft ? now + SIGNALS_UNTOLD_RETRY_SECONDS * 1000 : undefined;
  }

  /** Publishes changes until one fails. Never rejects. */
  async deliver(): Promise<void> {
    const rows = this.#table.all();
    for (const row of rows) {
      // Those before it are published again with it, which changes nothing.
      if (!(await this.#publish(CHANGE.read(row.change)))) return;
    }
    if (rows.length > 0) this.#table.delete(rows.map(({ n }) => Number(n)));
  }

  async #publish(change: WorkflowChange): Promise<boolean> {
    try {
      await publishChange(this.#env, change);
      return true;
    } catch (error) {
      const why = error instanceof Error ? error.message : typeof error;
      console.error({ event: 'signals.untold', workflow: change.workflow, why });
      return false;
    }
  }
}

/**
 * Publishes a change to status lists and streams. Idempotent, and changes may come in any order.
 * Rejects if one of the two did not take the change: call it again.
 */
export async function publishChange(env: IssuerEnv, change: WorkflowChange): Promise<void> {
  if (!readConfig(env).signals) return;
  await Promise.all([statusList(env).learn(change), signalStreams(env).learn(change)]);
}

/** Returns the initiator of a record: an operator by any name, a rule, or anything else. */
function initiatorOf({
  actor,
  via,
}: {
  readonly actor: string;
  readonly via?: OrderVia;
}): Initiator {
  if (via !== undefined || actor === 'operator') return 'admin';
  return actor.startsWith('rule:') ? 'policy' : 'system';
}
