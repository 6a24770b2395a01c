import type { ArgumentType } from '../arguments.ts';
import { type Condition, type Test, VARIABLES } from './condition.ts';
import type { Place, ToolChecks } from './tool-checks.ts';

/** Conditions as Datalog: on one value at one pointer, and on the elements of an array. */

/**
 * A body that matches if one value has every tested fact and passes every test. The tests pass for
 * no other types than the condition's; only an integer needs a test of its type.
 */
export function matchingBody(
  pointer: string,
  conditions: readonly Condition[],
  first?: string,
): string {
  const facts = new Set<string>();
  const expressions = first === undefined ? [] : [first];
  for (const { types, form, tests } of conditions) {
    // An address is the one form that its fact alone proves.
    if (form !== undefined && form !== 'ip') {
      facts.add(`arg_forms(${pointer}, $f)`);
      expressions.push(`$f.contains("${form}")`);
    }
    for (const { fact, expression, only } of tests) {
      facts.add(`${fact}(${pointer}, ${only ?? VARIABLES[fact]})`);
      if (only === undefined) expressions.push(expression);
    }
    if (types.length === 1 && types[0] === 'integer') facts.add(`arg_type(${pointer}, "integer")`);
    else if (tests.length === 0) facts.add(`arg_micros(${pointer}, $m)`); // Any number.
  }
  return [...facts, ...expressions].join(', ');
}

/** Requires an array, each of whose elements meets all conditions. It may be empty. */
export function writeEvery(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  conditionsOf: () => readonly Condition[],
): void {
  checks.require(...absent, `arg_type(${parameter}, "array")`);
  const inside = isInside(checks, pointer);
  const rejected = new Set<string>();
  for (const condition of conditionsOf()) {
    const { types } = condition;
    const type = types.length === 1 ? `$y !== "${types[0]}"` : `!${typeList(types)}.contains($y)`;
    rejected.add(`arg_type($p, $y), ${inside}, ${type}`);
    for (const tests of togetherInOneQuery(condition)) {
      const facts = new Set(tests.map(({ fact }) => `${fact}($p, ${VARIABLES[fact]})`));
      rejected.add([...facts, inside, notAll(tests)].join(', '));
    }
  }
  for (const body of rejected) checks.reject(body);
}

/** Requires an array of scalars, at least one of which meets all conditions. */
export function writeAny(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  conditionsOf: () => readonly Condition[],
): void {
  const inside = isInside(checks, pointer);
  const found = matchingBody('$p', conditionsOf(), inside);
  checks.require(...absent, `arg_type(${parameter}, "array"), ${found}`);
  // Values two levels down start with the pointer too, and are not elements.
  checks.reject(`arg_type($p, $y), ${inside}, ["array", "object"].contains($y)`);
}

const isInside = ({ block }: ToolChecks, pointer: string): string =>
  `$p.starts_with(${block.parameter(`${pointer}/`)})`;

/**
 * Groups tests whose facts are either all there or all missing: a query that joins a present fact
 * with a missing one finds nothing, and would reject nothing. A text that is not of the form `url`
 * or `ip` lacks the facts that come with the form, so these forms are tested by their own query.
 */
function togetherInOneQuery({ form, tests }: Condition): readonly (readonly Test[])[] {
  if (form === undefined) return tests.length === 0 ? [] : [tests];
  const formed: Test = { fact: 'arg_forms', expression: `$f.contains("${form}")` };
  return form === 'url' || form === 'ip' ? [[formed], tests] : [[formed, ...tests]];
}

const typeList = (types: readonly ArgumentType[]): string =>
  `[${types.map((type) => `"${type}"`).join(', ')}]`;

function notAll(tests: readonly Test[]): string {
  const [first, ...others] = tests.map(({ expression }) => expression);
  if (first !== undefined && others.length === 0 && !first.includes(' ')) return `!${first}`;
  // `&&` binds tighter than `||`.
  const each = tests.map(({ expression }) =>
    expression.includes(' || ') && others.length > 0 ? `(${expression})` : expression,
  );
  return `!(${each.join(' && ')})`;
}
