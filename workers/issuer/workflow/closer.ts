import { hashable } from '../../../src/audit/index.ts';
import { toMilliseconds, toSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import { isTerminal } from '../../../src/lifecycle/index.ts';
import { AUDIT_ANSWER_MILLISECONDS, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import { appendRecords } from '../log/append.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { OnDemandStorage } from '../platform/on-demand.ts';
import type { SignalOutbox } from '../signals/outbox.ts';
import { CLOSED_AFTER_SECONDS, closingOf } from './closing.ts';
import type { Intents } from './intents.ts';
import type { DeviationMonitor } from './monitor.ts';
import type { WorkflowRow, WorkflowRows } from './rows.ts';

interface CloserParts {
  readonly storage: OnDemandStorage;
  readonly env: () => IssuerEnv;
  readonly rows: WorkflowRows;
  readonly intents: Intents;
  readonly monitor: DeviationMonitor;
  readonly owed: OwedRecords;
  readonly signals: SignalOutbox;
  /** Whether it is open which facts a suspended root has. */
  readonly isUncertain: () => boolean;
}

/**
 * Deletes what an object stores once all its workflows have ended and nothing is on its way: the
 * logs have it. The closing record is written first, so that a workflow never disappears without
 * one.
 */
export class Closer {
  readonly #parts: CloserParts;

  constructor(parts: CloserParts) {
    this.#parts = parts;
  }

  /** Returns when `close` will delete the storage, as far as is known now; undefined if never. */
  dueAt(): UnixMilliseconds | undefined {
    const { rows, intents, monitor, owed, signals, isUncertain } = this.#parts;
    const isOpen = intents.hasOpen() || monitor.open().length > 0 || isUncertain();
    if (isOpen || owed.dueAt() !== undefined || signals.dueAt() !== undefined) return undefined;
    const tree = rows.tree();
    if (tree.length > 0) return closesAt(tree);
    // A workflow that it does not know was stopped.
    const last = intents.lastAt();
    return last === undefined ? undefined : last + toMilliseconds(CLOSED_AFTER_SECONDS);
  }

  /** Returns whether the storage was deleted. Never rejects: the next alarm tries again. */
  async close(now: UnixMilliseconds): Promise<boolean> {
    const due = this.dueAt();
    if (due === undefined || now < due) return false;
    const { storage, rows, env } = this.#parts;
    const tree = rows.tree();
    try {
      const record = closingRecord(tree, (id) => rows.countMints(id), now);
      if (record) await within(appendRecords(env(), [hashable(record)]), AUDIT_ANSWER_MILLISECONDS);
      // A late command may have come while the log was answering.
      if (this.dueAt() === undefined) return false;
      await storage.deleteAll();
      return true;
    } catch (error) {
      report('workflow.unclosed', { workflow: tree[0]?.life.id, why: String(error) });
      return false;
    }
  }
}

/**
 * Returns when a tree may be closed: an hour after its end, so that late records and questions
 * still find it, and not before its last capability has expired at every verifier. Undefined while
 * a workflow of it lives.
 */
function closesAt(tree: readonly WorkflowRow[]): UnixMilliseconds | undefined {
  if (!tree.every(({ life }) => isTerminal(life.state))) return undefined;
  const tokensEnd = Math.max(...tree.map(({ life }) => life.tokensEnd));
  return Math.max(
    endOf(tree) + toMilliseconds(CLOSED_AFTER_SECONDS),
    toMilliseconds(tokensEnd + CLOCK_SKEW_SECONDS_MAX),
  );
}

const endOf = (tree: readonly WorkflowRow[]): UnixMilliseconds =>
  Math.max(...tree.map(({ endedAt = 0 }) => endedAt));

function closingRecord(
  tree: readonly WorkflowRow[],
  countMints: (workflow: string) => number,
  now: UnixMilliseconds,
) {
  const [root, ...children] = tree;
  if (!root) return undefined;
  const mints = tree.reduce((sum, { life }) => sum + countMints(life.id), 0);
  const { state } = root.life;
  const renewals = tree.flatMap((row) => row.renewals ?? []);
  const closed = {
    state,
    endedAt: toSeconds(endOf(tree)),
    mints,
    ...(renewals.length > 0 && {
      renewals: renewals.reduce((sum, { count }) => sum + count, 0),
      renewedAt: Math.max(...renewals.map(({ at }) => at)),
    }),
    children: children.length,
  };
  return closingOf(root.start, closed, now);
}
