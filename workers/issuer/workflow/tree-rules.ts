import { isTerminal, STATES, STEPS, type WorkflowState } from '../../../src/lifecycle/index.ts';
import type { StoredTree, StoredWorkflow } from './tree.ts';

const PAIRS: ReadonlySet<string> = new Set(STEPS.map(({ from, to }) => `${from}>${to}`));

/**
 * Throws if a change of the stored tree breaks a rule of the state machine. It is called before
 * every write, so that a bug in the code cannot store a violation.
 */
export function checkChange(before: StoredTree, after: StoredTree): void {
  if (before.workflows !== after.workflows) {
    const known = before.workflows;
    known.forEach((workflow, i) => {
      checkWorkflow(workflow, after.workflows[i]);
    });
    after.workflows.slice(known.length).forEach((workflow, i) => {
      checkBegin(workflow, after.workflows.slice(0, known.length + i));
    });
  }
  const isDone = (tree: StoredTree) => tree.rows.intent?.filter(({ done }) => done === 1) ?? [];
  const done = isDone(after).map(({ n }) => n);
  must(
    before.rows === after.rows || isDone(before).every(({ n }) => done.includes(n)),
    'what was done is not undone',
  );
  const labels = new Set(after.labels.map(({ label }) => label));
  must(
    before.labels === after.labels || before.labels.every(({ label }) => labels.has(label)),
    'what was read stays read',
  );
  must(after.counted >= before.counted, 'the number of counted records never goes back');
}

/** The words of the user go when the workflow ends. Until then they stay, too. */
function begunWith({ start }: StoredWorkflow, after: StoredWorkflow): StoredWorkflow['start'] {
  const { prompt: _, ...others } = start;
  return isTerminal(after.ordered) && after.start.prompt === undefined ? others : start;
}

function checkWorkflow(before: StoredWorkflow, after: StoredWorkflow | undefined): void {
  if (before === after) return;
  must(after !== undefined, 'a workflow stays with its root until all of them are deleted');
  must(
    isSame(begunWith(before, after), after.start) &&
      before.depth === after.depth &&
      before.ends === after.ends,
    'what a workflow was begun with stays',
  );
  checkStep(before.state, after.state);
  checkStep(before.ordered, after.ordered);
  must(after.gen >= before.gen, 'a generation never goes back');
  must(after.tokensEnd >= before.tokensEnd, 'the end of the last capability never goes back');
  const renewals = after.renewals?.count ?? 0;
  must(renewals >= (before.renewals?.count ?? 0), 'the number of renewals never goes back');
  checkMeters(after);
}

function checkStep(from: WorkflowState, to: WorkflowState): void {
  if (from === to) return;
  must(!isTerminal(from), 'a workflow that has ended stays ended');
  must(STATES.includes(to) && PAIRS.has(`${from}>${to}`), 'there is no such step');
}

function checkBegin(one: StoredWorkflow, before: readonly StoredWorkflow[]): void {
  const { start, depth, ends } = one;
  must(one.state === 'pending' && one.ordered === 'pending', 'a workflow begins as pending');
  must(!before.some(({ start: { id } }) => id === start.id), 'a workflow begins once');
  must((start.parent === undefined) === (before.length === 0), 'an object has one root');
  if (start.parent !== undefined) {
    const parent = before.find(({ start: { id } }) => id === start.parent);
    must(
      parent?.ordered === 'active' && parent.ends >= ends && parent.depth > depth,
      'a child is below a living parent, and ends no later',
    );
  }
  checkMeters(one);
}

function checkMeters({ meters }: StoredWorkflow): void {
  must(
    meters.every(({ carved, leased }) => carved >= 0 && leased >= 0),
    'nothing less than zero is set aside',
  );
}

/** Both were parsed from one text, or one was copied from the other. */
const isSame = (a: unknown, b: unknown): boolean =>
  a === b || JSON.stringify(a) === JSON.stringify(b);

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}
