import { pointerAbove, pointerTo } from '../../json-pointer.ts';
import { ok, type Result } from '../../result.ts';
import type { ArgumentType } from '../arguments.ts';
import type { DatalogWriter } from '../datalog.ts';
import { type Condition, conditionOf, countOf, type Test, VARIABLES } from './condition.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
  ElementConstraint,
  PresentConstraint,
} from './constraint.ts';
import { parseArgumentConstraints, parseByPointer } from './parse.ts';
import { ToolChecks } from './tool-checks.ts';

/**
 * Constraints as checks. Each names its tool, so that the token's other tools are left alone:
 *
 * ```
 * check if tool($t), $t !== "bank.send" or arg_members("", $n),
 *   {"/amount", "/recipient"}.contains($n);
 * check if tool($t), $t !== "bank.send" or arg("/recipient", $v), ["GB1", "GB2"].contains($v);
 * check if tool($t), $t !== "bank.send" or arg_micros("/amount", $m), $m <= 50000000;
 * ```
 *
 * One value at one pointer is a `check if` that wants the fact there and its tests passed: what
 * brings no such fact (absent, another type, one level deeper, an element of an array) is denied by
 * the same line. It may say so because a pointer brings each fact at most once. The elements of an
 * array are many, and are `reject if`s, one query each:
 *
 * ```
 * check if tool($t), $t !== "mail.send" or arg_type("/to", "array");
 * reject if tool("mail.send"), arg_type($p, $y), $p.starts_with("/to/"), $y !== "string";
 * reject if tool("mail.send"), arg_forms($p, $f), arg($p, $v), $p.starts_with("/to/"),
 *   !($f.contains("text") && $v.ends_with("@acme.example"));
 * ```
 *
 * The first `reject if` also refuses whatever lies deeper: nested arrays and objects bring a type
 * of their own.
 */
export function writeConstraints(
  block: DatalogWriter,
  tool: string,
  constraints: ArgumentConstraints,
): Result<DatalogWriter, ConstraintError> {
  const parsed = parseArgumentConstraints(constraints);
  if (!parsed.ok) return parsed;
  const checks = new ToolChecks(block, tool);
  const members = parsed.value.arguments.map((name) => pointerTo('', name));
  checks.closeObject('', members, []);
  writeByPointer(checks, parsed.value.constraints);
  return ok(block);
}

/**
 * The same as caveats, for whatever tool is called. The whole of the arguments stays open, since a
 * holder need not know all that its tools take; objects inside are closed as ever.
 */
export function writeCaveatConstraints(
  block: DatalogWriter,
  constraints: ConstraintsByPointer,
): Result<DatalogWriter, ConstraintError> {
  const parsed = parseByPointer(constraints);
  if (!parsed.ok) return parsed;
  writeByPointer(new ToolChecks(block, undefined), parsed.value);
  return ok(block);
}

function writeByPointer(checks: ToolChecks, constraints: ConstraintsByPointer): void {
  const entries = Object.entries(constraints);
  const named = entries.filter(([, constraint]) => !('absent' in constraint));
  for (const [pointer, constraint] of entries) writeConstraint(checks, pointer, constraint);
  const objects = new Map<string, Set<string>>();
  for (const [pointer] of named) {
    for (let at = pointer; pointerAbove(at) !== ''; at = pointerAbove(at)) {
      const members = objects.get(pointerAbove(at)) ?? new Set();
      objects.set(pointerAbove(at), members.add(at));
    }
  }
  for (const [object, members] of objects) {
    const inside = named.filter(([pointer]) => pointer.startsWith(`${object}/`));
    const mayLack = inside.every(([, constraint]) => 'optional' in constraint);
    checks.closeObject(object, members, mayLack ? checks.absence(object) : []);
  }
}

function writeConstraint(checks: ToolChecks, pointer: string, constraint: Constraint): void {
  const at = checks.block.parameter(pointer);
  if ('absent' in constraint) checks.reject(`arg_type(${at}, $y)`);
  else if ('optional' in constraint) {
    writeParts(checks, { at, pointer, absent: checks.absence(pointer) }, constraint.optional);
  } else writeParts(checks, { at, pointer, absent: [] }, constraint);
}

interface Place {
  /** The pointer as a parameter of the text. */
  readonly at: string;
  readonly pointer: string;
  /** Bodies that match where nothing is there, if that is allowed. */
  readonly absent: readonly string[];
}

function writeParts(checks: ToolChecks, place: Place, constraint: PresentConstraint): void {
  const { at, absent } = place;
  for (const part of 'allOf' in constraint ? constraint.allOf : [constraint]) {
    if ('any' in part) writeAny(checks, place, part.any);
    else if ('every' in part) writeEvery(checks, place, part.every);
    else if ('subsetOf' in part) writeEvery(checks, place, { oneOf: part.subsetOf });
    else if ('present' in part) checks.require(...absent, `arg_type(${at}, $y), $y !== "null"`);
    else if ('count' in part) {
      checks.require(...absent, joined(at, [countOf(part.count, checks.block)]));
    } else checks.require(...absent, joined(at, [conditionOf(part, checks.block)]));
  }
}

function writeEvery(checks: ToolChecks, place: Place, element: ElementConstraint): void {
  checks.require(...place.absent, `arg_type(${place.at}, "array")`);
  const inside = `$p.starts_with(${checks.block.parameter(`${place.pointer}/`)})`;
  const rejected = new Set<string>();
  for (const condition of conditionsOf(checks, element)) {
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

/**
 * Tests whose facts are all there or all missing: a query that joins a fact with one that is not
 * there finds nothing, and would reject nothing. What is not of the form `url` or `ip` lacks the
 * facts that come of it, so the form is a query by itself.
 */
function togetherInOneQuery({ form, tests }: Condition): readonly (readonly Test[])[] {
  if (form === undefined) return tests.length === 0 ? [] : [tests];
  const formed: Test = { fact: 'arg_forms', expression: `$f.contains("${form}")` };
  return form === 'url' || form === 'ip' ? [[formed], tests] : [[formed, ...tests]];
}

function writeAny(checks: ToolChecks, place: Place, element: ElementConstraint): void {
  const inside = `$p.starts_with(${checks.block.parameter(`${place.pointer}/`)})`;
  const found = joined('$p', conditionsOf(checks, element), inside);
  checks.require(...place.absent, `arg_type(${place.at}, "array"), ${found}`);
  // What lies two levels down starts with the pointer too, and is no element.
  checks.reject(`arg_type($p, $y), ${inside}, ["array", "object"].contains($y)`);
}

const conditionsOf = (checks: ToolChecks, element: ElementConstraint): readonly Condition[] =>
  ('allOf' in element ? element.allOf : [element]).map((value) => conditionOf(value, checks.block));

/**
 * A body that matches where one value has every fact that is tested, and passes every test. A test
 * passes for the condition's types alone, but for a number's, which an integer has to be told from.
 */
function joined(at: string, conditions: readonly Condition[], first?: string): string {
  const facts = new Set<string>();
  const expressions = first === undefined ? [] : [first];
  for (const { types, form, tests } of conditions) {
    // An address is the one form that its fact alone is the sign of.
    if (form !== undefined && form !== 'ip') {
      facts.add(`arg_forms(${at}, $f)`);
      expressions.push(`$f.contains("${form}")`);
    }
    for (const { fact, expression, only } of tests) {
      facts.add(`${fact}(${at}, ${only ?? VARIABLES[fact]})`);
      if (only === undefined) expressions.push(expression);
    }
    if (types.length === 1 && types[0] === 'integer') facts.add(`arg_type(${at}, "integer")`);
    else if (tests.length === 0) facts.add(`arg_micros(${at}, $m)`); // Any number.
  }
  return [...facts, ...expressions].join(', ');
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
