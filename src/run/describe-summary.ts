import type { Counted, RunSummary } from './tally.ts';

/** Returns the lines that a person reads when a run has ended. */
export function describeSummary({ done, failed, denied, unused }: RunSummary): readonly string[] {
  return [
    ...section('done', done.map(describeCount)),
    ...section('failed at the server', failed.map(describeCount)),
    ...section(
      'denied',
      denied.map((row) => `${describeCount(row)}: ${printable(row.code)}`),
    ),
    ...section(
      'granted, never used',
      unused.map(({ tool, action, dataset }) => `${tool} (${action}) on ${dataset}`),
    ),
  ];
}

const section = (title: string, rows: readonly string[]): readonly string[] =>
  rows.length === 0 ? [`${title}: nothing`] : [`${title}:`, ...rows.map((row) => `  ${row}`)];

const describeCount = ({ tool, count }: Counted): string =>
  `${printable(tool)}${count === 1 ? '' : ` × ${count}`}`;

/** A name may come from the agent, and must not write to the terminal what we did not. */
const printable = (text: string): string =>
  text.toWellFormed().replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
