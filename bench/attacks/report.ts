/** Prints the numbers of configurations as tables. */
import type { Metrics, Share } from '../agent-authz-bench/index.ts';
import type { Tally } from './tally.ts';

export const NOT_SHOWN = `What these numbers do not show: whether an agent would find the calls that are tried here; an attack
that is a sentence in an answer, or a lie in a message to someone whom the user named; damage by
values that no attack here needs, such as the amount; and what these suites do not contain. Each
catalogue and policy was written by the authors of the system. Suites that no one here has seen tell
more than these. A question counts as answered rightly: the person approves what the honest run
asks, and declines what the attacker asks.`;

export interface Row {
  readonly name: string;
  readonly metrics: Metrics;
  readonly tally?: Tally['summary'];
}

const percent = ({ hit, of }: Share): string =>
  of === 0 ? '-' : `${((100 * hit) / of).toFixed(1)}`;
const counted = (share: Share): string => `${percent(share)} (${share.hit}/${share.of})`;

const COLUMNS: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
  ['configuration', ({ name }) => name],
  ['attack success', ({ metrics }) => counted(metrics.attackSuccess)],
  ['after approvals', ({ metrics }) => percent(metrics.attackSuccessLater)],
  ['untouched', ({ metrics }) => counted(metrics.untouched)],
  ['tasks asked', ({ metrics }) => counted(metrics.tasksAsked)],
  ['runs asked', ({ metrics }) => percent(metrics.runsAsked)],
  ['effects asked', ({ metrics }) => percent(metrics.consequentialAsked)],
  ['attack reads', ({ metrics }) => percent(metrics.attackReads)],
  ['calls denied', ({ metrics }) => percent(metrics.callsDenied)],
  ['questions a run', ({ metrics }) => metrics.questionsPerRun.toFixed(2)],
  ['tokens', ({ tally }) => String(tally?.tokens ?? '-')],
  ['bytes', ({ tally }) => String(tally?.bytes ?? '-')],
  ['mint µs', ({ tally }) => String(tally?.mintMicroseconds ?? '-')],
  ['decision µs', ({ tally }) => String(tally?.decisionMicroseconds ?? '-')],
];

/** A Markdown table. Shares are percentages, with their counts in brackets where there is room. */
export const tableOf = (rows: readonly Row[]): string => markdown(COLUMNS, rows);

const PAGE_COLUMNS = 8; // Up to the reads of attackers: the rest depends on the machine.

/** The columns that do not depend on the machine. */
export const pageTable = (rows: readonly Row[]): string =>
  markdown(COLUMNS.slice(0, PAGE_COLUMNS), rows);

function markdown(columns: typeof COLUMNS, rows: readonly Row[]): string {
  const lines = [
    columns.map(([title]) => title),
    columns.map(() => '---'),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
