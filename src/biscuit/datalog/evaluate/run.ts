/**
 * The work that one authorization has spent, and why it stopped. Every loop of the evaluator is
 * charged here, so that a hostile token never costs more than the limits allow.
 *
 * A refusal is stored in `failure` rather than thrown. Functions that can fail return `undefined`
 * (or stop) after setting it, and their callers pass that on.
 */

import type { Result } from '../../../result.ts';
import type { BiscuitError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { Term } from '../ast.ts';
import type { Regex, RegexEngine } from '../regex/index.ts';

/** A host function, called as `$a.extern::name()` or `$a.extern::name($b)`. */
export type Extern = (left: Term, right?: Term) => Result<Term, string>;
/** Host functions that Datalog text can call as `$a.extern::name()`, by their names. */
export type Externs = Readonly<Record<string, Extern>>;

export type Run = {
  readonly limits: Limits;
  readonly externs: Externs;
  readonly regex: RegexEngine | undefined;
  failure: BiscuitError | undefined;
  joinSteps: number;
  expressionSteps: number;
  stringUnits: number;
  regexSteps: number;
  closureDepth: number;
  /** Compiled patterns of this authorization; `undefined` for an invalid regular expression. */
  readonly patterns: Map<string, Regex | undefined>;
};

export const startRun = (
  limits: Limits,
  externs: Externs,
  regex: RegexEngine | undefined,
): Run => ({
  limits,
  externs,
  regex,
  failure: undefined,
  joinSteps: 0,
  expressionSteps: 0,
  stringUnits: 0,
  regexSteps: 0,
  closureDepth: 0,
  patterns: new Map(),
});

/** Stores why the authorization stops, and returns `undefined`, which signals failure. */
export function fail(run: Run, failure: BiscuitError): undefined {
  run.failure = failure;
  return undefined;
}

export const exceed = (run: Run, limit: keyof Limits): undefined =>
  fail(run, { code: 'limit_exceeded', limit, maximum: run.limits[limit] });

/** Charges instructions or visited elements. Returns false if the limit is exceeded. */
export function spendSteps(run: Run, steps: number): boolean {
  run.expressionSteps += steps;
  if (run.expressionSteps <= run.limits.expressionStepsMax) return true;
  exceed(run, 'expressionStepsMax');
  return false;
}

/**
 * Charges text (in UTF-16 units) and byte strings (in bytes). Returns false if the limit is
 * exceeded.
 */
export function spendUnits(run: Run, units: number): boolean {
  run.stringUnits += units;
  if (run.stringUnits <= run.limits.stringUnitsMax) return true;
  exceed(run, 'stringUnitsMax');
  return false;
}
