/**
 * Returns the known name that a misspelt one most likely stands for: one that differs in a letter
 * or two, or only in case. Undefined if none is that close.
 */
export function likely(name: string, known: Iterable<string>): string | undefined {
  const most = Math.min(2, Math.floor(name.length / 4));
  let found: string | undefined;
  let least = most + 1;
  for (const other of known) {
    const distance = other.toLowerCase() === name.toLowerCase() ? 0 : edits(name, other, least);
    if (distance >= least) continue;
    found = other;
    least = distance;
  }
  return found;
}

/** Counts inserted, deleted, replaced and swapped letters, and stops at `most`. */
function edits(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return most;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const [above = 0, left = 0, corner = 0] = [row[j], next[j - 1], row[j - 1]];
      let cost = Math.min(above + 1, left + 1, corner + (isSame ? 0 : 1));
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? most;
}

export const didYouMean = (name: string | undefined): string =>
  name === undefined ? '' : `; did you mean ${JSON.stringify(name)}?`;
