/** The orders in which the official data lists texts and origins. */

/** UTF-8 order, which is code point order and not the order of JavaScript's UTF-16 units. */
function compareText(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

export const sortText = (texts: readonly string[]): string[] => [...texts].sort(compareText);

type Origin = readonly (number | null)[];

const rank = (origin: Origin, i: number): number => (i < origin.length ? (origin[i] ?? -1) : -2);

/**
 * Compares item by item: the authorizer (null) before every block, a prefix before a longer list.
 */
export function compareOrigins(a: Origin, b: Origin): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = rank(a, i) - rank(b, i);
    if (difference !== 0) return difference;
  }
  return 0;
}
