/**
 * The evaluator with everything that Datalog text may use, including regular expressions. No other
 * module imports those statically. So a bundler leaves them out of the edge's bundle, and the first
 * token that calls `matches` loads them (regex-on-demand.ts).
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

/** Returns whether a compiled expression matches some part of a text, within a bound on steps. */
export const testRegex = regex.testRegex;

/** Loads facts and rules of an input that may call `matches`, without applying any rule. */
export const loadWorld = (input: EvaluationInput): Result<World, BiscuitError> =>
  loadWorldWith({ regex, ...input });

/** Evaluates blocks and an authorizer that may call `matches`. */
export const evaluate = (input: EvaluationInput): Result<Authorization, BiscuitError> =>
  evaluateWith({ regex, ...input });
