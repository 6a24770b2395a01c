import { ok, type Result, refuse } from '../../result.ts';

/** Reads a flag that is a number of things. */
export function readCount(
  flag: string,
  text: string | undefined,
  bounds: { readonly default: number; readonly max: number },
): Result<number, string> {
  if (text === undefined) return ok(bounds.default);
  const count = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return count <= bounds.max
    ? ok(count)
    : refuse(`--${flag} must be a number from 0 to ${bounds.max} (got ${text})`);
}
