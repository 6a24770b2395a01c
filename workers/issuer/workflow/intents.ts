import type { AuditRecord } from '../../../src/audit/index.ts';
import { toSeconds, type UnixMilliseconds } from '../../../src/clock.ts';
import type { WorkflowState } from '../../../src/lifecycle/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { report } from '../../../src/report.ts';
import { INTENT_RECORD } from '../audit/columns.ts';
import type { AppendReceipt } from '../feed/binding.ts';
import type { StopDraft } from '../feed/entry-draft.ts';
import type { StoredRow } from '../platform/table.ts';
import type { RevokeCommand, TransitionCommand } from './binding.ts';
import { ENTRY } from './columns.ts';
import { describeRenewals } from './renewals.ts';
import { attributionOf, type WorkflowRow, type WorkflowRows } from './rows.ts';
import type { SmallTable } from './small-table.ts';
import { intentTable } from './tables.ts';

/** A decision that must still reach the feed, the state in force and the audit log. */
export interface Intent {
  readonly record: AuditRecord;
  /** A workflow's id, or the revocation id of a block. */
  readonly target: string;
  /** The feed entry to append; absent if verifiers need none. */
  readonly entry?: StopDraft;
  /** The workflow whose state in force changes, and the new state. */
  readonly becomes?: { readonly workflow: string; readonly state: WorkflowState };
}

export interface StoredIntent extends Intent {
  readonly n: number;
  /** The feed and the state have it. A superseded grant is done without either. */
  readonly done: boolean;
  /** The position of the feed entry, once it has one. */
  readonly epoch?: number;
  readonly seq?: number;
  /** Whether the feed's archive had the entry when it was appended. */
  readonly archived?: boolean;
}

/**
 * Whether an entry takes power (in force first, recorded afterwards) or grants it (the reverse).
 */
const EFFECT: Readonly<Record<StopDraft['kind'], 'takes' | 'grants'>> = {
  workflow: 'takes',
  block: 'takes',
  suspension: 'takes',
  resumption: 'grants',
};

/** Returns whether the intent grants power. Only a feed entry can: verifiers go by the feed. */
export const isGrant = ({ entry }: Intent): boolean =>
  entry !== undefined && EFFECT[entry.kind] === 'grants';

/** Returns whether a stop of the workflow cancelled this grant before it reached the feed. */
export const isSuperseded = (intent: StoredIntent): boolean =>
  intent.done && isGrant(intent) && intent.seq === undefined;

/** The id of a revocation's record. It has no time in it, so a target is revoked once. */
export const revocationId = (workflow: string, target: string): string =>
  `revocation.${workflow}.${target}`;

/** Returns a revocation without a transition: of a block, or of an unknown or ended workflow. */
export function revocationIntent(
  workflow: string,
  { actor, reason, block, canaryUntil, via }: RevokeCommand,
  row: WorkflowRow | undefined,
  at: UnixMilliseconds,
): Intent {
  const kind = block === undefined ? 'workflow' : 'block';
  const target = block ?? workflow;
  const now = toSeconds(at);
  // If the end is unknown, the longest lifetime bounds it.
  const ends = row?.life.tokensEnd ?? canaryUntil ?? now + CAPABILITY_SECONDS_MAX;
  return {
    target,
    record: {
      event: 'revocation',
      id: revocationId(workflow, target),
      at,
      ...attributionOf(row, workflow),
      kind,
      target,
      actor,
      reason,
      ...(via && { via }),
      ...(canaryUntil !== undefined && { canary: true }),
      ...(kind === 'workflow' && describeRenewals(row?.renewals)),
    },
    entry: { kind, id: target, at: now, expires: ends + CLOCK_SKEW_SECONDS_MAX },
  };
}

/** The id of the record of a suspension. A generation is suspended once. */
export const suspensionId = (workflow: string, gen: number): string =>
  `transition.${workflow}.${gen}.suspended`;

/** The generation of a workflow that was never resumed. */
const FIRST_GENERATION = 1;

/** Returns the suspension of a root that no object has. It was never resumed either. */
export function suspensionIntent(
  workflow: string,
  { actor, reason, via }: TransitionCommand,
  at: UnixMilliseconds,
): Intent {
  const [now, gen] = [toSeconds(at), FIRST_GENERATION];
  const expires = now + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  return {
    target: workflow,
    record: {
      event: 'transition',
      id: suspensionId(workflow, gen),
      at,
      workflow,
      move: 'suspend',
      from: 'active',
      to: 'suspended',
      gen,
      actor,
      ...(reason !== undefined && { reason }),
      ...(via && { via }),
    },
    entry: { kind: 'suspension', id: workflow, gen, at: now, expires },
    becomes: { workflow, state: 'suspended' },
  };
}

/** Returns the stored suspension of a root that no object had. */
export const earlySuspensionOf = (intents: Intents, workflow: string): StoredIntent | undefined =>
  intents.find(suspensionId(workflow, FIRST_GENERATION));

/** The intents of one object. Each is stored in the transaction of its decision. */
export class Intents {
  readonly #table: SmallTable;
  readonly #rows: WorkflowRows;

  constructor(table: SmallTable, rows: WorkflowRows) {
    this.#table = table;
    this.#rows = rows;
  }

  /** Stores an intent. Leaves an existing one with the same record id as it is. */
  add({ record, target, entry, becomes }: Intent): void {
    if (this.#table.all().some(({ id }) => id === record.id)) return;
    this.#table.add({
      id: record.id,
      target,
      record: INTENT_RECORD.write(record),
      word: entry ? ENTRY.write(entry) : null,
      workflow: becomes?.workflow ?? null,
      becomes: becomes?.state ?? null,
      done: 0,
    });
  }

  find(id: string): StoredIntent | undefined {
    const row = this.#table.all().find((one) => one.id === id);
    return row && readIntent(row);
  }

  /** Returns the intents that are not done, in order. Skips and reports unreadable ones. */
  open(): readonly StoredIntent[] {
    return this.#table
      .all()
      .filter(({ done }) => done === 0)
      .flatMap((row) => {
        try {
          return [readIntent(row)];
        } catch (error) {
          report('workflow.unreadable', { id: String(row.id), why: (error as Error).message });
          return [];
        }
      });
  }

  /** Returns whether any intent is not done, even one that cannot be read. */
  hasOpen(): boolean {
    return this.#table.all().some(({ done }) => done === 0);
  }

  /** Returns the time of the newest decision; undefined if there was none. */
  lastAt(): UnixMilliseconds | undefined {
    const times = this.#readable().map(({ record }) => record.at);
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Returns the last decision about a workflow, if it is not done yet. */
  openOf(workflow: string): StoredIntent | undefined {
    return this.open().findLast(({ becomes }) => becomes?.workflow === workflow);
  }

  /** Returns the position of the newest feed entry that stops one of these workflows. */
  lastStopOf(workflows: readonly string[]): Pick<StoredIntent, 'epoch' | 'seq'> | undefined {
    const stops = this.#readable().filter(
      ({ entry, seq }) =>
        seq !== undefined &&
        entry !== undefined &&
        EFFECT[entry.kind] === 'takes' &&
        workflows.includes(entry.id),
    );
    const positions = stops.map(({ epoch = 0, seq = 0 }) => ({ epoch, seq }));
    return positions.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq).at(-1);
  }

  /** Returns whether there was ever an intent for a workflow or block. */
  isTouched(target: string): boolean {
    return this.#table.all().some((row) => row.target === target);
  }

  /** Returns how many blocks of one workflow's tokens were revoked. */
  blockCount(workflow: string): number {
    return this.#readable().filter(
      ({ record, becomes }) =>
        becomes === undefined &&
        record.workflow === workflow &&
        record.event === 'revocation' &&
        record.kind === 'block',
    ).length;
  }

  /**
   * Cancels the grants of a workflow that have not reached the feed, because a stop was decided:
   * delivered later, they would undo it. Returns the cancelled intents.
   */
  supersede(workflow: string): readonly StoredIntent[] {
    const cancelled = this.open().filter(
      (intent) => isGrant(intent) && intent.becomes?.workflow === workflow,
    );
    for (const { n } of cancelled) this.#table.update(n, { done: 1 });
    return cancelled;
  }

  /**
   * Writes the state that is now in force, and marks the intent as done. Call it in a transaction.
   * Returns false if it was done already: two events may deliver one intent.
   */
  finish({ n, record, becomes }: StoredIntent, position: AppendReceipt | undefined): boolean {
    if (this.find(record.id)?.done !== false) return false;
    if (becomes) this.#applyStates(n, becomes.workflow);
    this.#table.update(n, {
      done: 1,
      epoch: position?.epoch ?? null,
      seq: position?.seq ?? null,
      archived: position ? Number(position.archived) : null,
    });
    return true;
  }

  /**
   * Takes the state of a workflow through every state that was decided up to intent `n`, so that
   * entries which reach the feed late, or never, skip none. A later intent that is done has passed
   * it already.
   */
  #applyStates(n: number, workflow: string): void {
    const own = this.#table.all().filter((row) => row.workflow === workflow);
    const passed = own.filter(
      // Superseded ones are done without a position.
      ({ done, word, seq }) => done === 1 && (isNull(word) || !isNull(seq)),
    );
    const before = Math.max(0, ...passed.map((row) => Number(row.n)));
    for (const row of own) {
      if (Number(row.n) <= before || Number(row.n) > n) continue;
      this.#rows.saveInForce(workflow, String(row.becomes) as WorkflowState);
    }
  }

  #readable(): readonly StoredIntent[] {
    return this.#table.all().flatMap((row) => {
      try {
        return [readIntent(row)];
      } catch {
        return []; // `open` reports it.
      }
    });
  }
}

const isNull = (value: SqlStorageValue | undefined): boolean =>
  value === null || value === undefined;

function readIntent(stored: StoredRow): StoredIntent {
  const { n, target, done, record, word, workflow, becomes, seq, epoch, archived } =
    intentTable.read(stored);
  return {
    n,
    target,
    done,
    record,
    ...(word && { entry: word }),
    ...(workflow !== undefined && becomes && { becomes: { workflow, state: becomes } }),
    ...(seq !== undefined && epoch !== undefined && { seq, epoch, archived: archived === true }),
  };
}
