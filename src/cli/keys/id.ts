import { ok, type Result, refuse } from '../../result.ts';

/** Reads the id of a key. Undefined if it was not given. */
export function readKeyId(operands: readonly string[]): Result<number | undefined, string> {
  const [id, ...more] = operands;
  if (id === undefined) return ok(undefined);
  if (more.length > 0 || !/^\d{1,9}$/.test(id)) {
    return refuse(`expected one key ID, a number, and got ${JSON.stringify(operands.join(' '))}`);
  }
  return ok(Number(id));
}
