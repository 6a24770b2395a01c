import { readClock } from '../../../src/clock.ts';
import type { Initiator, WorkflowChange } from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { Intent } from '../workflow/intents.ts';
import { CHANGE } from './columns.ts';
import { publishChange } from './workflow-changed.ts';

const SIGNALS_UNTOLD_RETRY_SECONDS = 10; // After a change that nobody could be told.

/**
 * Changes that a workflow's object has still to tell. `add` belongs into the transaction that makes
 * the change; `tell` comes after it and is not waited for, so that it delays and fails no
 * revocation. What could not be told stays, and the object's alarm tells it again: at least once.
 */
export class SignalOutbox {
  readonly #storage: DurableObjectStorage;
  readonly #env: IssuerEnv;

  constructor(storage: DurableObjectStorage, env: IssuerEnv) {
    this.#storage = storage;
    this.#env = env;
  }

  /** Synchronous. Keeps nothing where there is nobody to tell. */
  add(change: WorkflowChange): void {
    if (!readConfig(this.#env).signals) return;
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO untold (id, change) VALUES (?, ?)',
      ...[change.id, CHANGE.write(change)],
    );
  }

  /** A step of a workflow that the audit log and the feed have. */
  addStep({ record, becomes }: Intent): void {
    const { id, at, subject } = record;
    const by = 'actor' in record ? initiatorOf(record.actor) : 'system';
    if (becomes) this.add({ id, at, subject, by, ...becomes });
    // Of what is unknown or has ended already there is no step, and it is revoked all the same.
    else if (record.event === 'revocation' && record.kind === 'workflow') {
      this.add({ id, at, subject, by, workflow: record.target, state: 'revoked' });
    }
  }

  /** Unix milliseconds at which the alarm has to call `tell`; undefined where all is told. */
  dueAt(now = readClock()): number | undefined {
    const left = this.#storage.sql.exec('SELECT 1 FROM untold LIMIT 1').toArray().length > 0;
    return left ? now + SIGNALS_UNTOLD_RETRY_SECONDS * 1000 : undefined;
  }

  /** Never rejects. */
  async tell(): Promise<void> {
    for (const row of this.#storage.sql.exec('SELECT id, change FROM untold').toArray()) {
      const change = CHANGE.read(row.change);
      try {
        await publishChange(this.#env, change);
      } catch (error) {
        const why = error instanceof Error ? error.message : typeof error;
        console.error({ event: 'signals.untold', workflow: change.workflow, why });
        return;
      }
      this.#storage.sql.exec('DELETE FROM untold WHERE id = ?', change.id);
    }
  }
}

/** By a record's actor: an operator, a rule, and else the agent, the clock or the parent. */
function initiatorOf(actor: string): Initiator {
  if (actor === 'operator') return 'admin';
  return actor.startsWith('rule:') ? 'policy' : 'system';
}
