/** Both sides of a `Result`, for tests that know which one they expect. */
import type { Result } from '../../../src/result.ts';

export function good<T>(result: Result<T, unknown>): T {
  if (result.ok) return result.value;
  throw new Error(`refused: ${JSON.stringify(result.error)}`);
}

export function refusal<E>(result: Result<unknown, E>): E {
  if (!result.ok) return result.error;
  throw new Error('accepted');
}
