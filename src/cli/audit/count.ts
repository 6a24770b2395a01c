import { ok, type Result, refuse } from '../../result.ts';

/** Reads a flag that is a number of things: at least 0, or `min`. */
export function readCount(
  flag: string,
  text: string | undefined,
  bounds: { readonly default: number; readonly min?: number; readonly max: number },
): Result<number, string> {
  if (text === undefined) return ok(bounds.default);
  const { min = 0, max } = bounds;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return count >= min && count <= max
    ? ok(count)
    : refuse(`--${flag} must be a number from ${min} to ${max} (got ${text})`);
}
