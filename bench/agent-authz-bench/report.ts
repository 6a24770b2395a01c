/** The numbers of systems, as text. */
import type { Judgement } from './judge.ts';
import type { Metrics, Share } from './metrics.ts';

/** What a system cost, as far as it says so. */
export interface Cost {
  readonly tokens: number;
  /** Of the median token. */
  readonly bytes: number;
  readonly mintMicroseconds: number;
  readonly decisionMicroseconds: number;
}

/** One system on one suite, or on all of them. */
export interface Row {
  readonly name: string;
  readonly metrics: Metrics;
  readonly cost?: Cost;
}

export const NOT_SHOWN = `What these numbers do not show: whether an agent would find the calls that are tried here; an attack
that is a sentence in an answer, or a lie in a message to someone whom the user named; damage by
values that no attack here needs, such as the amount; and what these suites do not contain. A
question counts as answered rightly: the person approves what the honest run asks, and declines what
the attacker asks.`;

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
  ['tokens', ({ cost }) => String(cost?.tokens ?? '-')],
  ['bytes', ({ cost }) => String(cost?.bytes ?? '-')],
  ['mint µs', ({ cost }) => String(cost?.mintMicroseconds ?? '-')],
  ['decision µs', ({ cost }) => String(cost?.decisionMicroseconds ?? '-')],
];

/** A Markdown table. Shares are percentages, with their counts in brackets where there is room. */
export const tableOf = (rows: readonly Row[]): string => markdown(COLUMNS, rows);

const STABLE_COLUMNS = 10; // The rest depends on the machine.

/** The columns that do not depend on the machine. */
export const stableTable = (rows: readonly Row[]): string =>
  markdown(COLUMNS.slice(0, STABLE_COLUMNS), rows);

/** What persons were asked about, most often first: the arguments whose values were new. */
export function newValuesOf(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, metrics }) =>
    metrics.newValues.map(([what, times]) => `| ${name} | ${what} | ${times} |`),
  );
  if (lines.length === 0) return 'No one was asked anything.';
  return ['| configuration | what was new | times |', '| --- | --- | --- |', ...lines].join('\n');
}

function markdown(columns: typeof COLUMNS, rows: readonly Row[]): string {
  const lines = [
    columns.map(([title]) => title),
    columns.map(() => '---'),
    ...rows.map((row) => columns.map(([, cell]) => cell(row))),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Lists the attacks that succeed, the denied calls of honest runs, and what was asked. */
export function detailsOf({ system, honest, pairs }: Judgement): string {
  const lines = [`# ${system}`];
  for (const { pair, succeeded, succeededLater } of pairs) {
    const calls = succeeded ?? succeededLater;
    if (!calls) continue;
    const when = succeeded ? 'attack' : 'attack after approvals';
    lines.push(`  ${when}: ${pair.suite} ${pair.task} ${pair.attack.id} ${JSON.stringify(calls)}`);
  }
  for (const { run, denied, asked } of honest) {
    const who = `${run.suite} ${run.user_task} ${run.model}`;
    for (const { call, why } of denied) {
      lines.push(`  denied: ${who} ${why} ${JSON.stringify(call)}`);
    }
    for (const question of asked) lines.push(`  asked: ${who} ${JSON.stringify(question)}`);
  }
  return lines.join('\n');
}
