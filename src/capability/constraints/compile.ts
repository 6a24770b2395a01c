import { pointerAbove, pointersAround, pointerTo } from '../../json-pointer.ts';
import { ok, type Result } from '../../result.ts';
import type { DatalogWriter } from '../datalog.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
  PresentConstraint,
} from './constraint.ts';
import { writePart } from './kinds/index.ts';
import { mayBeMissing } from './may-be-missing.ts';
import { parseArgumentConstraints, parseByPointer } from './parse.ts';
import { type Place, ToolChecks } from './tool-checks.ts';

/**
 * Writes constraints as checks. Each check names its tool, so it does not affect the token's other
 * tools:
 *
 * ```
 * check if tool($t), $t !== "bank.send" or arg_members("", $n),
 *   {"/amount", "/recipient"}.contains($n);
 * check if tool($t), $t !== "bank.send" or arg("/recipient", $v), ["GB1", "GB2"].contains($v);
 * check if tool($t), $t !== "bank.send" or arg_micros("/amount", $m), $m <= 50000000;
 * ```
 *
 * A constraint on one value is a `check if` that requires the fact and its tests. The same line
 * denies an argument without such a fact: it is absent, of another type, one level deeper, or
 * an element of an array. This works because a pointer has each fact at most once. An array has
 * many elements, so a constraint on them is written as `reject if`s of one query each:
 *
 * ```
 * check if tool($t), $t !== "mail.send" or arg_type("/to", "array");
 * reject if tool("mail.send"), arg_type($p, $y), $p.starts_with("/to/"), $y !== "string";
 * reject if tool("mail.send"), arg_forms($p, $f), arg($p, $v), $p.starts_with("/to/"),
 *   !($f.contains("text") && $v.ends_with("@acme.example"));
 * ```
 *
 * The first `reject if` also denies everything that lies deeper: nested arrays and objects bring a
 * type of their own.
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
 * Writes constraints as caveats, for every tool. The list of arguments stays open, because a holder
 * need not know every argument of its tools. Objects inside the arguments are closed as usual.
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
    for (const inner of [pointer, ...pointersAround(pointer)]) {
      const object = pointerAbove(inner);
      if (object !== '') objects.set(object, (objects.get(object) ?? new Set()).add(inner));
    }
  }
  for (const [object, members] of objects) {
    const inside = named.filter(([pointer]) => pointer.startsWith(`${object}/`));
    const mayLack = inside.every(([, constraint]) => mayBeMissing(constraint));
    checks.closeObject(object, members, mayLack ? checks.absence(object) : []);
  }
  // What must be absent could lie inside an argument that is content, and no fact says what content
  // has inside. An object with a list of its members is no content.
  const around = entries.flatMap(([pointer, constraint]) =>
    'absent' in constraint ? pointersAround(pointer) : [],
  );
  for (const outer of new Set(around)) {
    if (!objects.has(outer)) {
      checks.reject(`arg_type(${checks.block.parameter(outer)}, "content")`);
    }
  }
}

function writeConstraint(checks: ToolChecks, pointer: string, constraint: Constraint): void {
  const parameter = checks.block.parameter(pointer);
  if ('absent' in constraint) checks.reject(`arg_type(${parameter}, $y)`);
  else if ('optional' in constraint) {
    const absent = checks.absence(pointer);
    writePresent(checks, { pointer, parameter, absent }, constraint.optional);
  } else {
    const absent = mayBeMissing(constraint) ? checks.absence(pointer) : [];
    writePresent(checks, { pointer, parameter, absent }, constraint);
  }
}

function writePresent(checks: ToolChecks, place: Place, constraint: PresentConstraint): void {
  const { parameter, absent } = place;
  if ('present' in constraint) {
    checks.require(...absent, `arg_type(${parameter}, $y), $y !== "null"`);
  } else if ('allOf' in constraint) {
    for (const part of constraint.allOf) writePart(checks, place, part);
  } else writePart(checks, place, constraint);
}
