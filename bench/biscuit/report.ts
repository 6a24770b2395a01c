/** The reports as tables. */
import { table } from '../statistics.ts';
import type { ColdReport, Elapsed } from './cold.ts';
import { MEANINGS } from './contest.ts';
import type { HeapReport } from './heap.ts';
import type { HostileEntry } from './hostile.ts';
import type { SpeedReport } from './speed.ts';

const number = (value: number): string =>
  value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);

function entriesTable(reports: readonly SpeedReport[]): string {
  const names = Object.keys(reports[0]?.entries ?? {});
  const header = ['us of CPU: median (p10)', ...reports.map(({ runtime }) => runtime)];
  const rows = names.map((name) => [
    MEANINGS[name] ?? name,
    ...reports.map(({ entries }) => {
      const summary = entries[name];
      return summary === undefined ? '' : `${number(summary.median)} (${number(summary.p10)})`;
    }),
  ]);
  return table([header, ...rows]);
}

function goalsTable({ runtime, goals }: SpeedReport): string {
  const header = [`ratios in ${runtime} (paired)`, 'measured', 'goal', ''];
  const rows = goals.map(({ goal, ratio, reached }) => [
    goal.text,
    ratio.toFixed(2),
    `${goal.bound === 'least' ? '>=' : '<='} ${goal.values[runtime].toFixed(2)}`,
    reached ? 'reached' : 'MISSED',
  ]);
  return table([header, ...rows]);
}

export const speedText = (reports: readonly SpeedReport[]): string =>
  [entriesTable(reports), ...reports.map(goalsTable)].join('\n\n');

export function coldText({ starts, node, workerd }: ColdReport): string {
  const cells = ({ wall, cpu }: Elapsed): string[] => [number(wall), number(cpu)];
  return table([
    [`cold start, ms, medians of ${starts}`, 'workerd wall', 'CPU', 'Node wall', 'CPU'],
    ['an empty worker or script', ...cells(workerd.empty), ...cells(node.empty)],
    [
      'WebCrypto alone (a key, a verification), more than empty',
      ...cells(workerd.webcrypto),
      ...cells(node.webcrypto),
    ],
    [
      'the first decision, more than empty (goal: 8 and 15)',
      ...cells(workerd.deciding),
      ...cells(node.deciding),
    ],
  ]);
}

const MEBIBYTE = 2 ** 20;

export function heapText({ samples, bytesEach }: HeapReport): string {
  const rows = samples.map(({ verifications, heapBytes, residentBytes }) => [
    String(verifications),
    (heapBytes / MEBIBYTE).toFixed(2),
    (residentBytes / MEBIBYTE).toFixed(0),
  ]);
  return [
    table([['verifications, nothing cached', 'heap MiB', 'resident MiB'], ...rows]),
    `growth of the heap between the first and the last line: ${bytesEach.toFixed(3)} bytes each`,
  ].join('\n');
}

export const hostileText = (entries: readonly HostileEntry[]): string =>
  table([
    ['verify + decide, nothing cached', 'bytes', 'us of CPU', 'x honest', 'verdict'],
    ...entries.map(({ name, tokenBytes, verdict, spent, timesHonest }) => [
      name,
      String(tokenBytes),
      number(spent.median),
      timesHonest.toFixed(2),
      verdict,
    ]),
  ]);
