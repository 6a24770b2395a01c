/**
 * Regular expressions in linear time. The platform's own engine backtracks: a holder could append a
 * pattern that keeps a verifier busy for as long as they like.
 */
import { ok, type Result, refuse } from '../../../result.ts';
import type { RegexError } from './cursor.ts';
import { parseRegex } from './parse.ts';
import { compile, type Instruction } from './program.ts';
import { runProgram } from './simulate.ts';

export type { RegexError } from './cursor.ts';

export type Regex = { readonly program: readonly Instruction[]; readonly size: number };

/**
 * This module as a value that is passed to the evaluator: a token without `matches` does not need
 * it.
 */
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

/**
 * Returns whether `text` contains a match, or undefined if that takes more than `stepsMax` steps.
 */
export const testRegex = (
  { program }: Regex,
  text: string,
  stepsMax: number,
): { readonly matched: boolean | undefined; readonly steps: number } =>
  runProgram(program, text, stepsMax);
