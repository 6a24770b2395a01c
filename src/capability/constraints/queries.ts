import type { ArgumentType } from '../arguments.ts';
import { type Alternatives, type Condition, type Test, VARIABLES } from './condition.ts';
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
  for (const { types, form, tests, negated } of conditions) {
    // An address is the one form that its fact alone proves.
    if (form !== undefined && form !== 'ip') {
      facts.add(`arg_forms(${pointer}, $f)`);
      expressions.push(`$f.contains("${form}")`);
    }
    for (const { fact, only = VARIABLES[fact] } of tests) {
      facts.add(`${fact}(${pointer}, ${negated ? VARIABLES[fact] : only})`);
    }
    if (negated) expressions.push(notAll(tests));
    else {
      const tested = tests.filter(({ only }) => only === undefined);
      expressions.push(...tested.map(({ expression }) => expression));
    }
    if (types.length === 1 && types[0] === 'integer') facts.add(`arg_type(${pointer}, "integer")`);
    // What is not `true` could also be a number.
    else if (negated && types[0] === 'boolean') facts.add(`arg_type(${pointer}, "boolean")`);
    else if (tests.length === 0 && form === undefined) {
      facts.add(`arg_micros(${pointer}, $m)`); // Any number.
    }
  }
  return [...facts, ...expressions].join(', ');
}

/** Requires an array, each of whose elements meets one condition of each group. It may be empty. */
export function writeEvery(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  conditionsOf: () => readonly Alternatives[],
): void {
  checks.require(...absent, `arg_type(${parameter}, "array")`);
  const inside = isInside(checks, pointer);
  rejectUnlessMet(checks, inside, conditionsOf());
}

/**
 * Rejects calls with a value among those `inside`, expressions over `$p`, that is no scalar or
 * meets no condition of one of the groups.
 */
export function rejectUnlessMet(
  checks: ToolChecks,
  inside: string,
  groups: readonly Alternatives[],
): void {
  const rejected = new Set<string>();
  const tests = groups.flat().flatMap((condition) => condition.tests);
  if (tests.some(({ fact }) => fact === 'arg_origins')) checks.needOrigins();
  for (const group of groups) {
    const scalars = group.filter(isOfScalars);
    const types = [...new Set(scalars.flatMap((condition) => condition.types))];
    const type = types.length === 1 ? `$y !== "${types[0]}"` : `!${typeList(types)}.contains($y)`;
    rejected.add(`arg_type($p, $y), ${inside}, ${type}`);
    const [only, ...others] = scalars;
    if (only && others.length === 0) {
      for (const failure of failuresOf(only)) rejected.add(failureBody([failure], [], inside));
    } else
      for (const of of TYPES) for (const body of noneMet(scalars, of, inside)) rejected.add(body);
  }
  for (const body of rejected) checks.reject(body);
}

/** Requires an array of scalars, at least one of which meets one condition of each group. */
export function writeAny(
  checks: ToolChecks,
  { pointer, parameter, absent }: Place,
  conditionsOf: () => readonly Alternatives[],
): void {
  const inside = isInside(checks, pointer);
  const found = everyChoice(conditionsOf().map((group) => group.filter(isOfScalars)));
  const bodies = found.map((choice) => matchingBody('$p', choice, inside));
  checks.require(...absent, ...bodies.map((body) => `arg_type(${parameter}, "array"), ${body}`));
  // Values two levels down start with the pointer too, and are not elements.
  checks.reject(`arg_type($p, $y), ${inside}, ["array", "object"].contains($y)`);
}

export const isInside = ({ block }: ToolChecks, pointer: string): string =>
  `$p.starts_with(${block.parameter(`${pointer}/`)})`;

const isOfScalars = ({ types }: Condition): boolean =>
  !types.includes('array') && !types.includes('object');

/** The types of scalars, as far as alternatives can be about different ones. */
const TYPES: readonly (readonly ArgumentType[])[] = [
  ['string'],
  ['integer', 'number'],
  ['boolean'],
  ['null'],
];

/**
 * Bodies of which one matches if a value of these types meets none of the conditions: each fails in
 * one of its ways.
 */
function noneMet(
  conditions: Alternatives,
  types: readonly ArgumentType[],
  inside: string,
): readonly string[] {
  const about = conditions.filter((condition) =>
    condition.types.some((one) => types.includes(one)),
  );
  if (about.length === 0) return [];
  const guard = types.length === 1 ? `$y == "${types[0]}"` : `${typeList(types)}.contains($y)`;
  return everyChoice(
    about.map((condition) =>
      condition.types.length === 1 && condition.types[0] === 'integer'
        ? [...failuresOf(condition), NO_INTEGER]
        : failuresOf(condition),
    ),
  ).map((failures) => failureBody(failures, [guard], inside));
}

/** One way in which a condition is not met: the value has these facts, and the expression holds. */
interface Failure {
  readonly facts: readonly Test['fact'][];
  readonly expression: string;
}

const NO_INTEGER: Failure = { facts: [], expression: '$y !== "integer"' };

/** Guards are about the type `$y`. */
function failureBody(
  failures: readonly Failure[],
  guards: readonly string[],
  inside: string,
): string {
  const facts = new Set(guards.length === 0 ? [] : ['arg_type($p, $y)']);
  for (const fact of failures.flatMap((failure) => failure.facts)) {
    facts.add(`${fact}($p, ${VARIABLES[fact]})`);
  }
  const expressions = failures.map(({ expression }) => expression);
  return [...facts, inside, ...guards, ...expressions].join(', ');
}

/**
 * The ways in which a value of the condition's types does not meet it. A query that joins a present
 * fact with a missing one finds nothing, and would reject nothing, so the facts of one way are
 * either all there or all missing. A text that is not of one of `FORMS_WITH_FACTS` lacks the facts
 * that come with the form, so these forms are tested by their own query.
 */
function failuresOf({ form, tests, negated }: Condition): readonly Failure[] {
  const formed: Test = { fact: 'arg_forms', expression: `$f.contains("${form}")` };
  const noForm: Failure = { facts: ['arg_forms'], expression: notAll([formed]) };
  const facts = tests.map(({ fact }) => fact);
  if (negated) {
    // The form comes first: a test of text would be an error for another type.
    const isTested = form !== undefined && !FORMS_WITH_FACTS.includes(form);
    const all = isTested ? [formed, ...tests] : tests;
    const met = {
      facts: all.map(({ fact }) => fact),
      expression: all.map(inBrackets).join(' && '),
    };
    return form === undefined ? [met] : [noForm, met];
  }
  if (tests.length === 0) return form === undefined ? [] : [noForm];
  if (form === undefined) return [{ facts, expression: notAll(tests) }];
  return FORMS_WITH_FACTS.includes(form)
    ? [noForm, { facts, expression: notAll(tests) }]
    : [{ facts: ['arg_forms', ...facts], expression: notAll([formed, ...tests]) }];
}

const FORMS_WITH_FACTS: readonly string[] = ['url', 'ip', 'query'];

/** Every way to take one of each list. */
const everyChoice = <T>(lists: readonly (readonly T[])[]): readonly (readonly T[])[] =>
  lists.reduce<readonly (readonly T[])[]>(
    (choices, list) => choices.flatMap((choice) => list.map((one) => [...choice, one])),
    [[]],
  );

const typeList = (types: readonly ArgumentType[]): string =>
  `[${types.map((type) => `"${type}"`).join(', ')}]`;

/** `&&` binds tighter than `||`. */
const inBrackets = ({ expression }: Test): string =>
  expression.includes(' || ') ? `(${expression})` : expression;

function notAll(tests: readonly Test[]): string {
  const [first, ...others] = tests;
  if (first && others.length === 0) {
    return first.expression.includes(' ') ? `!(${first.expression})` : `!${first.expression}`;
  }
  return `!(${tests.map(inBrackets).join(' && ')})`;
}
