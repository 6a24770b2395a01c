/**
 * Regular expressions in linear time. The platform's own engine backtracks: a pattern that a holder
 * appends could keep a verifier busy for as long as its author likes.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { RegexError } from './cursor.ts';
import { parseRegex } from './parse.ts';
import { compile, type Instruction } from './program.ts';
import { runProgram } from './simulate.ts';

export type { RegexError } from './cursor.ts';

export type Regex = { readonly program: readonly Instruction[]; readonly size: number };

/** This module, as a part that the evaluator is given: a token without `matches` needs none. */
export type RegexEngine = {
  readonly compileRegex: typeof compileRegex;
  readonly testRegex: typeof testRegex;
};

/** @param sizeMax instructions of the program */
export function compileRegex(pattern: string, sizeMax: number): Result<Regex, RegexError> {
  const node = parseRegex(pattern);
  if (!node.ok) return node;
  const program = compile(node.value, sizeMax);
  if (program === undefined) return refuse({ kind: 'too_large' });
  return ok({ program, size: program.length });
}

/** Whether `text` contains a match; undefined where that takes more than `stepsMax` steps. */
export const testRegex = (
  { program }: Regex,
  text: string,
  stepsMax: number,
): { readonly matched: boolean | undefined; readonly steps: number } =>
  runProgram(program, text, stepsMax);
