/**
 * `matches`: compiles each pattern once per authorization. Compiling and matching are both charged.
 */

import type { Term } from '../ast.ts';
import type { Regex, RegexEngine } from '../regex/index.ts';
import { bool } from '../terms.ts';
import { exceed, fail, type Run } from './run.ts';
import { utf8Length } from './strings.ts';

/** In steps, for one character of a pattern and for one instruction of its program. */
const COMPILE_COST = 8;

type Compiled = { readonly regex: Regex | undefined };

/**
 * Returns undefined if the pattern may not be used, and an entry without a regex if it is invalid.
 */
function compiled(run: Run, { compileRegex }: RegexEngine, pattern: string): Compiled | undefined {
  if (run.patterns.has(pattern)) return { regex: run.patterns.get(pattern) };
  if (utf8Length(pattern) > run.limits.regexPatternBytesMax)
    return exceed(run, 'regexPatternBytesMax');
  const result = compileRegex(pattern, run.limits.regexProgramMax);
  run.regexSteps += COMPILE_COST * (pattern.length + (result.ok ? result.value.size : 0));
  if (run.regexSteps > run.limits.regexStepsMax) return exceed(run, 'regexStepsMax');
  if (!result.ok) {
    const { error } = result;
    if (error.kind === 'too_large') return exceed(run, 'regexProgramMax');
    if (error.kind === 'unsupported')
      return fail(run, { code: 'regex_unsupported', pattern, detail: error.detail });
    // The reference answers false if the pattern is not a valid regular expression.
    run.patterns.set(pattern, undefined);
    return { regex: undefined };
  }
  run.patterns.set(pattern, result.value);
  return { regex: result.value };
}

export function matchesPattern(run: Run, pattern: string, text: string): Term | undefined {
  const { regex } = run;
  if (!regex) return fail(run, { code: 'regex_unsupported', pattern, detail: 'not loaded' });
  const found = compiled(run, regex, pattern);
  if (found === undefined) return undefined;
  if (found.regex === undefined) return bool(false);
  const { matched, steps } = regex.testRegex(
    found.regex,
    text,
    run.limits.regexStepsMax - run.regexSteps,
  );
  run.regexSteps += steps;
  return matched === undefined ? exceed(run, 'regexStepsMax') : bool(matched);
}
