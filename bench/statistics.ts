/** Medians, because rounds on a shared machine have outliers in one direction only. */

export type Summary = { readonly median: number; readonly p10: number };

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

const at = (values: readonly number[], share: number): number => {
  const position = (values.length - 1) * share;
  const [low, high] = [values[Math.floor(position)] ?? 0, values[Math.ceil(position)] ?? 0];
  return low + (high - low) * (position - Math.floor(position));
};

export function summarise(values: readonly number[]): Summary {
  const ordered = sorted(values);
  return { median: at(ordered, 0.5), p10: at(ordered, 0.1) };
}

export const median = (values: readonly number[]): number => summarise(values).median;

/** The median of the ratios of paired rounds: what slows the machine slows both of a pair. */
export const pairedRatio = (numerators: readonly number[], denominators: readonly number[]) =>
  median(numerators.map((value, i) => value / (denominators[i] ?? Number.NaN)));

/** In another order every time, so that no contestant always runs behind the same one. */
export function shuffled<T>(items: readonly T[]): T[] {
  const rest = [...items];
  for (let i = rest.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    const [a, b] = [rest[i], rest[j]];
    if (a !== undefined && b !== undefined) [rest[i], rest[j]] = [b, a];
  }
  return rest;
}

/** Columns as wide as their widest cell; the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const width = widths[column] ?? 0;
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
