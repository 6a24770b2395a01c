import { ok, type Result, refuse } from '../../result.ts';

/** Returns the only operand of a command. */
export function readOperand(operands: readonly string[], name: string): Result<string, string> {
  const [value] = operands;
  if (operands.length !== 1 || value === undefined || value === '') {
    return refuse(`expected one ${name}, got ${operands.length}`);
  }
  return ok(value);
}
