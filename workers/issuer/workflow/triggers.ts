import { isTerminal, STATES, STEPS } from '../../../src/lifecycle/index.ts';

const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
const ENDED = quoted(STATES.filter(isTerminal));
const PAIRS = quoted(STEPS.map(({ from, to }) => `${from}>${to}`));

const lifeOf = (column: 'state' | 'ordered'): Readonly<Record<string, string>> => ({
  [`ended_stays_${column}`]: `BEFORE UPDATE OF ${column} ON workflow
    WHEN OLD.${column} IN (${ENDED}) AND NEW.${column} <> OLD.${column}
    BEGIN SELECT RAISE(ABORT, 'a workflow that has ended stays ended'); END`,
  [`known_steps_${column}`]: `BEFORE UPDATE OF ${column} ON workflow
    WHEN NEW.${column} <> OLD.${column} AND OLD.${column} NOT IN (${ENDED})
      AND OLD.${column} || '>' || NEW.${column} NOT IN (${PAIRS})
    BEGIN SELECT RAISE(ABORT, 'there is no such step'); END`,
});

/** The state machine's rules as triggers, so that a bug in the code cannot store a violation. */
export const workflowTriggers: Readonly<Record<string, string>> = {
  ...lifeOf('state'),
  ...lifeOf('ordered'),
  begins_pending: `BEFORE INSERT ON workflow
    WHEN NEW.state <> 'pending' OR NEW.ordered <> 'pending'
    BEGIN SELECT RAISE(ABORT, 'a workflow begins as pending'); END`,
  child_of_the_living: `BEFORE INSERT ON workflow
    WHEN NEW.parent IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM workflow
      WHERE id = NEW.parent AND ordered = 'active' AND ends >= NEW.ends AND depth > NEW.depth)
    BEGIN SELECT RAISE(ABORT, 'a child is below a living parent, and ends no later'); END`,
  facts_stay: `BEFORE UPDATE OF id, parent, start, depth, ends ON workflow
    BEGIN SELECT RAISE(ABORT, 'what a workflow was begun with stays'); END`,
  gen_rises: `BEFORE UPDATE OF gen ON workflow
    WHEN NEW.gen < OLD.gen
    BEGIN SELECT RAISE(ABORT, 'a generation never goes back'); END`,
  done_stays: `BEFORE UPDATE OF done ON intent
    WHEN OLD.done = 1 AND NEW.done = 0
    BEGIN SELECT RAISE(ABORT, 'what was done is not undone'); END`,
};
