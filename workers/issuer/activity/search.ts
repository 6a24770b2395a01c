import type { ShownKind } from '../../../src/activity/index.ts';
import { isTerminal, STATES } from '../../../src/lifecycle/index.ts';
import type { ActivityFilter } from './binding.ts';

/** Words of one search. Each is a look at every row that the other filters leave. */
const WORDS_MAX = 8;

/** A condition on rows of `activity`, with its values. */
export interface Condition {
  readonly where: string;
  readonly values: readonly (string | number)[];
}

/** Returns the condition that a row must meet. Every value is bound, and none is in the text. */
export function conditionOf(filter: ActivityFilter): Condition {
  const { q, agent, subject, owner, tool, dataset, code, show, state, from, until } = filter;
  const parts: readonly (Condition | undefined)[] = [
    ...(q === undefined ? [] : wordsOf(q).map(hasWord)),
    agent === undefined
      ? undefined
      : { where: `(agent = ? OR ${uses('agent', 'value = ?')})`, values: [agent, agent] },
    subject === undefined ? undefined : { where: 'subject = ?', values: [subject] },
    owner === undefined ? undefined : { where: 'owner = ?', values: [owner] },
    tool === undefined ? undefined : { where: uses('tool', 'value = ?'), values: [tool] },
    dataset === undefined ? undefined : touches(dataset),
    code === undefined ? undefined : { where: uses('code', 'value = ?'), values: [code] },
    show === undefined ? undefined : { where: SHOWN[show], values: [] },
    state === undefined ? undefined : { where: 'state = ?', values: [state] },
    from === undefined ? undefined : { where: 'began >= ?', values: [from] },
    until === undefined ? undefined : { where: 'began < ?', values: [until] },
  ];
  const given = parts.filter((part) => part !== undefined);
  return {
    where: given.map(({ where }) => where).join(' AND ') || 'TRUE',
    values: given.flatMap(({ values }) => values),
  };
}

const wordsOf = (q: string): readonly string[] =>
  q
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, WORDS_MAX);

const uses = (kind: string, condition: string): string =>
  `EXISTS (SELECT 1 FROM found_by WHERE found_by.root = activity.root AND kind = '${kind}' AND ${condition})`;

const FOUND = ['root', 'task', 'agent', 'subject', 'owner', 'actor'];

function hasWord(word: string): Condition {
  const own = FOUND.map((column) => `instr(lower(${column}), ?) > 0`).join(' OR ');
  const used = `EXISTS (SELECT 1 FROM found_by WHERE found_by.root = activity.root
    AND instr(lower(value), ?) > 0)`;
  return {
    where: `(${own} OR ${used})`,
    values: Array.from({ length: FOUND.length + 1 }, () => word),
  };
}

/** A grant of a dataset covers what lies below it, so both directions touch it. */
const touches = (dataset: string): Condition => ({
  where: uses(
    'dataset',
    `(value = ? OR substr(value, 1, length(?) + 1) = ? || '/'
      OR substr(?, 1, length(value) + 1) = value || '/')`,
  ),
  values: [dataset, dataset, dataset, dataset],
});

const listOf = (states: readonly string[]): string =>
  states.map((state) => `'${state}'`).join(', ');

/** As `kindsOf` in src/activity, which counts them. */
const SHOWN: Readonly<Record<ShownKind, string>> = {
  running: `state IN (${listOf(STATES.filter((one) => !isTerminal(one) && one !== 'suspended'))})`,
  stopped: "state IN ('suspended', 'revoked')",
  waiting: 'waiting > 0',
  denied: 'denials > 0',
};
