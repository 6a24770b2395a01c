/**
 * The evaluator with everything that a text may use, the regular expressions included. No other
 * module imports them by a statement: a bundler then leaves them out of what decides at the edge,
 * where they are loaded by the first token that calls `matches` (regex-on-demand.ts).
 */
import type { Result } from '../../result.ts';
import type { BiscuitError } from '../errors.ts';
import {
  type Authorization,
  type EvaluationInput,
  evaluate as evaluateWith,
  loadWorld as loadWorldWith,
  type World,
} from './evaluate/index.ts';
import * as regex from './regex/index.ts';

/** Compiles a regular expression as RE2 reads it. Refuses one that is invalid or too large. */
export const compileRegex = regex.compileRegex;

/** Tells whether a compiled expression matches some part of a text, within a bound on steps. */
export const testRegex = regex.testRegex;

export const loadWorld = (input: EvaluationInput): Result<World, BiscuitError> =>
  loadWorldWith({ regex, ...input });

export const evaluate = (input: EvaluationInput): Result<Authorization, BiscuitError> =>
  evaluateWith({ regex, ...input });
