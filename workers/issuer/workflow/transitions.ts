import type { AuditRecord } from '../../../src/audit/index.ts';
import { toSeconds, type UnixMilliseconds, type UnixSeconds } from '../../../src/clock.ts';
import {
  giveBack,
  isTerminal,
  livingBelow,
  type Transition,
  type TransitionRefused,
  tokensEndOf,
  transition,
} from '../../../src/lifecycle/index.ts';
import { CLOCK_SKEW_SECONDS_MAX } from '../../../src/limits.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { OwedRecords } from '../audit/owed-records.ts';
import type { TransitionCommand } from './binding.ts';
import { type Intents, revocationId, suspensionId } from './intents.ts';
import { describeRenewals } from './renewals.ts';
import { attributionOf, type WorkflowRow, type WorkflowRows } from './rows.ts';

/** One workflow of the tree with its transition. */
interface Change {
  readonly row: WorkflowRow;
  readonly change: Transition;
}

/** Decides the transitions of one workflow and those below it, and stores rows and intents. */
export class Transitions {
  readonly #rows: WorkflowRows;
  readonly #intents: Intents;
  readonly #owed: OwedRecords;

  constructor(rows: WorkflowRows, intents: Intents, owed: OwedRecords) {
    this.#rows = rows;
    this.#intents = intents;
    this.#owed = owed;
  }

  /**
   * Decides a command and stores its effect. Call it in a transaction. Returns the id of the
   * intent: the transition is in force when that intent is done.
   */
  decide(
    id: string,
    command: TransitionCommand,
    now: UnixMilliseconds,
  ): Result<string, TransitionRefused> {
    const tree = this.#rows.tree();
    const row = tree.find(({ life }) => life.id === id);
    const state = row?.life.state ?? 'pending';
    const refused = refuse({ code: 'move_refused', move: command.move, state } as const);
    if (!row) return refused;
    const parent = tree.find(({ life }) => life.id === row.parent);
    // A child never runs below a stopped parent.
    if (command.move === 'resume' && parent && parent.life.state !== 'active') return refused;
    const seconds = toSeconds(now);
    const decided = transition(row.life, command, seconds, tokensEndOf(tree, id));
    if (!decided.ok) return decided;
    const below = this.#cascade(tree, row, decided.value, seconds);
    // Deepest first: a resumed parent comes back last, and what a child gives back is there when
    // its parent gives back in turn.
    for (const child of [...below].reverse()) this.#store(child, byParent(id), now, tree);
    return ok(this.#store({ row, change: decided.value }, command, now, tree));
  }

  /** Returns what a transition does to the living workflows below, parents before children. */
  #cascade(
    tree: readonly WorkflowRow[],
    { life }: WorkflowRow,
    change: Transition,
    now: UnixSeconds,
  ): readonly Change[] {
    const changes: Change[] = [];
    const after = new Map([[life.id, change.after.state]]);
    for (const { life: below } of livingBelow(tree, life.id)) {
      const row = tree.find((one) => one.life.id === below.id);
      if (!row?.parent) continue;
      const isResumable = after.get(row.parent) === 'active';
      const move = isTerminal(change.after.state) ? 'revoke' : change.move;
      if (move === 'resume' && !isResumable) continue;
      if (!['revoke', 'suspend', 'resume'].includes(move)) continue;
      const decided = transition(below, { move, by: 'parent' }, now);
      if (!decided.ok) continue; // Something else has stopped it already.
      after.set(below.id, decided.value.after.state);
      changes.push({ row, change: withoutCoveredEntry(decided.value, change) });
    }
    return changes;
  }

  #store(
    { row, change }: Change,
    command: TransitionCommand,
    now: UnixMilliseconds,
    tree: readonly WorkflowRow[],
  ): string {
    const { id } = row.life;
    const record = recordOf(row, change, command, now);
    this.#rows.saveLife(change.after, now);
    if (change.move !== 'resume') this.#supersede(id);
    const times = {
      at: toSeconds(now),
      expires: tokensEndOf(tree, id) + CLOCK_SKEW_SECONDS_MAX,
    };
    this.#intents.add({
      record,
      target: id,
      becomes: { workflow: id, state: change.after.state },
      ...(change.entry && { entry: { ...change.entry, ...times } }),
    });
    if (isTerminal(change.after.state) && row.parent !== undefined) {
      this.#returnShare(id, row.parent);
    }
    return record.id;
  }

  /** Cancels a resumption that has not reached the feed, and records that it was commanded. */
  #supersede(id: string): void {
    for (const { record } of this.#intents.supersede(id)) {
      this.#owed.add(record.event === 'transition' ? { ...record, superseded: true } : record);
    }
  }

  /** Reads both rows again, because the child's own children have just given back to it. */
  #returnShare(child: string, parent: string): void {
    const [from, to] = [this.#rows.find(child), this.#rows.find(parent)];
    if (from && to) this.#rows.saveMeters(parent, giveBack(to.meters, from.meters));
  }
}

const byParent = (id: string): TransitionCommand => ({
  move: 'revoke',
  by: 'parent',
  actor: `parent:${id}`,
});

/**
 * Removes a child's entry if its parent's covers it: a child's tokens name the parent. The parent's
 * does not cover the child if the parent may come back and the child may not, or if old tokens of
 * the child must stay dead.
 */
function withoutCoveredEntry(child: Transition, parent: Transition): Transition {
  const isCovered =
    child.entry?.kind === 'suspension' ||
    (child.entry?.kind === 'workflow' && parent.entry?.kind === 'workflow');
  const { entry: _entry, ...rest } = child;
  return isCovered ? rest : child;
}

function recordOf(
  row: WorkflowRow,
  change: Transition,
  command: TransitionCommand,
  at: UnixMilliseconds,
): AuditRecord {
  const { id: workflow } = row.start;
  const { actor, evidence, via } = command;
  const { state: to, gen } = change.after;
  const who = {
    at,
    ...attributionOf(row, workflow),
    ...(evidence && { evidence }),
    ...(via && { via }),
    ...(isTerminal(to) && describeRenewals(row.renewals)),
  };
  if (change.move === 'revoke' && change.by !== 'parent') {
    return {
      event: 'revocation',
      id: revocationId(workflow, workflow),
      ...who,
      kind: 'workflow',
      target: workflow,
      actor,
      reason: command.reason ?? 'by a rule',
    };
  }
  return {
    // A generation is suspended once and ended once, so this id is written once.
    event: 'transition',
    id: to === 'suspended' ? suspensionId(workflow, gen) : `transition.${workflow}.${gen}.${to}`,
    ...who,
    move: change.move,
    from: change.from,
    to,
    gen,
    actor,
    ...(command.reason !== undefined && { reason: command.reason }),
  };
}
