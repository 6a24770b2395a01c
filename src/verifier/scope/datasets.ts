import { covers } from '../../capability/index.ts';

/** Returns the roots of what lies at or below a root of each list. No root lies below another. */
export function intersectRoots(
  some: readonly string[],
  others: readonly string[],
): readonly string[] {
  const both = some.flatMap((one) =>
    others.flatMap((other) => (covers(one, other) ? [other] : covers(other, one) ? [one] : [])),
  );
  return outermost(both);
}

/** Returns the roots without those that lie below another, each once and in order. */
function outermost(roots: readonly string[]): readonly string[] {
  const once = [...new Set(roots)];
  return once.filter((root) => !once.some((other) => other !== root && covers(other, root))).sort();
}
