import type { Result } from '../src/result.ts';

/** What is measured must go well: a refusal would be quick. */
export function must<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** 0 to `count` - 1, again and again. */
export function counter(count: number): () => number {
  let last = count - 1;
  return () => {
    last = (last + 1) % count;
    return last;
  };
}
