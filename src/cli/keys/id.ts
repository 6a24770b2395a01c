import { ok, type Result, refuse } from '../../result.ts';

/** The id of a key, where one is given. */
export function readId(words: readonly string[]): Result<number | undefined, string> {
  const [word, ...more] = words;
  if (word === undefined) return ok(undefined);
  if (more.length > 0 || !/^\d{1,9}$/.test(word)) {
    return refuse(`one ID, a number, and not ${JSON.stringify(words.join(' '))}. See --help`);
  }
  return ok(Number(word));
}
