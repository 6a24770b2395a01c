import type { AuditRecord } from '../../../src/audit/index.ts';
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
import type { Intents } from './intents.ts';
import { revocationId } from './revocation.ts';
import { attributionOf, type WorkflowRow, type WorkflowRows } from './rows.ts';

export interface Moved {
  /** The record's id: the move is done when its intent is. */
  readonly intent: string;
  readonly transition: Transition;
}

/** One step of one workflow, with what it does to those below it, as rows and intents. */
export class Transitions {
  readonly #rows: WorkflowRows;
  readonly #intents: Intents;
  readonly #owed: OwedRecords;

  constructor(rows: WorkflowRows, intents: Intents, owed: OwedRecords) {
    this.#rows = rows;
    this.#intents = intents;
    this.#owed = owed;
  }

  /** Decides and stores; to be called in a transaction. `now` is unix milliseconds. */
  decide(id: string, order: TransitionCommand, now: number): Result<Moved, TransitionRefused> {
    const tree = this.#rows.tree();
    const row = tree.find(({ life }) => life.id === id);
    const state = row?.life.state ?? 'pending';
    const refused = refuse({ code: 'move_refused', move: order.move, state } as const);
    if (!row) return refused;
    const parent = tree.find(({ life }) => life.id === row.parent);
    // Below a parent that is stopped nobody goes on.
    if (order.move === 'resume' && parent && parent.life.state !== 'active') return refused;
    const seconds = Math.floor(now / 1000);
    const moved = transition(row.life, order, seconds, tokensEndOf(tree, id));
    if (!moved.ok) return moved;
    const below = this.#cascade(tree, row, moved.value, seconds);
    // Children first, deepest first: a parent that comes back comes back last, and what a child
    // gives back is there when its parent gives it on.
    for (const child of [...below].reverse()) this.#store(child, byParent(id), now, tree);
    const intent = this.#store({ row, step: moved.value }, order, now, tree);
    return ok({ intent, transition: moved.value });
  }

  /** What a step does to the living below, each parent before its children. */
  #cascade(
    tree: readonly WorkflowRow[],
    { life }: WorkflowRow,
    step: Transition,
    now: number,
  ): readonly Step[] {
    const steps: Step[] = [];
    const after = new Map([[life.id, step.after.state]]);
    for (const { life: below } of livingBelow(tree, life.id)) {
      const row = tree.find((one) => one.life.id === below.id);
      if (!row?.parent) continue;
      const isResumable = after.get(row.parent) === 'active';
      const move = isTerminal(step.after.state) ? 'revoke' : step.move;
      if (move === 'resume' && !isResumable) continue;
      if (!['revoke', 'suspend', 'resume'].includes(move)) continue;
      const moved = transition(below, { move, by: 'parent' }, now);
      if (!moved.ok) continue; // It is stopped already, by somebody else.
      after.set(below.id, moved.value.after.state);
      steps.push({ row, step: withoutWord(moved.value, step) });
    }
    return steps;
  }

  #store(
    { row, step }: Step,
    order: TransitionCommand,
    now: number,
    tree: readonly WorkflowRow[],
  ): string {
    const { id } = row.life;
    const record = recordOf(row, step, order, now);
    this.#rows.saveLife(step.after, now);
    if (step.move !== 'resume') this.#supersede(id);
    this.#intents.add({
      record,
      target: id,
      becomes: { workflow: id, state: step.after.state },
      ...(step.word && {
        word: {
          ...step.word,
          at: Math.floor(now / 1000),
          expires: tokensEndOf(tree, id) + CLOCK_SKEW_SECONDS_MAX,
        },
      }),
    });
    if (isTerminal(step.after.state) && row.parent !== undefined) this.#return(id, row.parent);
    return record.id;
  }

  /** A resumption that nobody has heard of yet is not said any more; that it was ordered is. */
  #supersede(id: string): void {
    for (const { record } of this.#intents.supersede(id)) {
      this.#owed.add(record.event === 'transition' ? { ...record, superseded: true } : record);
    }
  }

  /** Read anew: its own children have given back to it a moment ago. */
  #return(child: string, parent: string): void {
    const [from, to] = [this.#rows.find(child), this.#rows.find(parent)];
    if (from && to) this.#rows.saveMeters(parent, giveBack(to.meters, from.meters));
  }
}

interface Step {
  readonly row: WorkflowRow;
  readonly step: Transition;
}

const byParent = (id: string): TransitionCommand => ({
  move: 'revoke',
  by: 'parent',
  actor: `parent:${id}`,
});

/**
 * What the feed has of the parent covers a child, whose tokens name it. Not so where the parent may
 * come back and the child does not, and where a child's old tokens are to stay dead.
 */
function withoutWord(child: Transition, parent: Transition): Transition {
  const isCovered =
    child.word?.kind === 'suspension' ||
    (child.word?.kind === 'workflow' && parent.word?.kind === 'workflow');
  const { word: _word, ...rest } = child;
  return isCovered ? rest : child;
}

function recordOf(
  row: WorkflowRow,
  step: Transition,
  order: TransitionCommand,
  at: number,
): AuditRecord {
  const { id: workflow } = row.start;
  const { actor, evidence } = order;
  const { state: to, gen } = step.after;
  const who = { at, ...attributionOf(row, workflow), ...(evidence && { evidence }) };
  if (step.move === 'revoke' && step.by !== 'parent') {
    return {
      event: 'revocation',
      id: revocationId(workflow, workflow),
      ...who,
      kind: 'workflow',
      target: workflow,
      actor,
      reason: order.reason ?? 'by a rule',
    };
  }
  return {
    // A generation is suspended once and ended once: its name is enough to write it once.
    event: 'transition',
    id: `transition.${workflow}.${gen}.${to}`,
    ...who,
    move: step.move,
    from: step.from,
    to,
    gen,
    actor,
    ...(order.reason !== undefined && { reason: order.reason }),
  };
}
