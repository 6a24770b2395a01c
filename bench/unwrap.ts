import type { Result } from '../src/result.ts';

/** Returns the value. Throws on a refusal, which would be faster than what is measured. */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
