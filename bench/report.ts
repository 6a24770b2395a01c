/** The result of a suite: a table for people, and the same as data. */
export interface Report {
  readonly suite: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** For `--json`. */
  readonly data: unknown;
}

/** Aligns the first column left and the others right. */
export function table({ title, columns, rows }: Report): string {
  const all = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, '', line(columns), ...rows.map(line)].join('\n');
}

export const verdict = (reached: boolean): string => (reached ? 'reached' : 'missed');
