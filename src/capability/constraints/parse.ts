import * as v from 'valibot';
import { isJsonObject } from '../../canonical-json.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../../json-pointer.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type {
  ArgumentConstraints,
  Constraint,
  ConstraintError,
  ConstraintsByPointer,
} from './constraint.ts';
import { CONSTRAINT_ARGUMENTS_MAX, CONSTRAINTS_MAX } from './limits.ts';
import { constraintSchema } from './schema.ts';

const invalid = (pointer: string, where: string, why: string): Result<never, ConstraintError> =>
  refuse({ code: 'constraint_invalid', pointer, where, why });

/** One constraint, from JSON that nobody has looked at. `pointer` is for the error alone. */
export function parseConstraint(input: unknown, pointer = ''): Result<Constraint, ConstraintError> {
  const parsed = v.safeParse(constraintSchema, input, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  return invalid(pointer, issue.path?.map(({ key }) => String(key)).join('.') ?? '', issue.message);
}

/** Constraints by pointer. Each says all about its argument: none may lie inside another. */
export function parseByPointer(input: unknown): Result<ConstraintsByPointer, ConstraintError> {
  if (!isJsonObject(input)) return invalid('', '', 'not an object');
  const entries = Object.entries(input);
  if (entries.length > CONSTRAINTS_MAX) return invalid('', '', `over ${CONSTRAINTS_MAX}`);
  const constraints: [string, Constraint][] = [];
  for (const [pointer, value] of entries) {
    // Encoded as UTF-8 a lone surrogate turns into U+FFFD: the check would name another argument.
    if (!pointer.isWellFormed() || !readPointer(pointer)) {
      return invalid(pointer, '', 'not an RFC 6901 pointer to an argument');
    }
    if (readPointer(pointer)?.includes(EACH_ELEMENT)) {
      return invalid(
        pointer,
        '',
        `a segment *: what holds of each element is an "every" of the list`,
      );
    }
    if (entries.some(([other]) => pointer.startsWith(`${other}/`))) {
      return invalid(pointer, '', 'inside an argument with a constraint of its own');
    }
    const parsed = parseConstraint(value, pointer);
    if (!parsed.ok) return parsed;
    constraints.push([pointer, parsed.value]);
  }
  return ok(Object.fromEntries(constraints));
}

/** The same as part of another shape: of a request, an answer, a file. */
export const argumentConstraintsSchema = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, ArgumentConstraints>(({ dataset, addIssue, NEVER }) => {
    const parsed = parseArgumentConstraints(dataset.value);
    if (parsed.ok) return parsed.value;
    const { pointer, where, why } = parsed.error;
    addIssue({ message: [pointer, where, why].filter((part) => part !== '').join(': ') });
    return NEVER;
  }),
);

/** The whole of a tool's arguments: a closed list of names, and constraints on some of them. */
export function parseArgumentConstraints(
  input: unknown,
): Result<ArgumentConstraints, ConstraintError> {
  const shape = v.safeParse(
    v.strictObject({
      arguments: v.pipe(v.array(v.string()), v.maxLength(CONSTRAINT_ARGUMENTS_MAX)),
      constraints: v.unknown(),
    }),
    input,
    { abortEarly: true },
  );
  if (!shape.success) return invalid('', '', shape.issues[0].message);
  const names = shape.output.arguments;
  for (const [index, name] of names.entries()) {
    const pointer = pointerTo('', name);
    if (!name.isWellFormed() || !readPointer(pointer)) return invalid('', '', 'not a name');
    if (name === EACH_ELEMENT)
      return invalid(pointer, '', 'not a name: * stands for list elements');
    if (names.indexOf(name) < index) return invalid(pointer, '', 'an argument listed twice');
  }
  const constraints = parseByPointer(shape.output.constraints);
  if (!constraints.ok) return constraints;
  for (const pointer of Object.keys(constraints.value)) {
    if (!names.includes(readPointer(pointer)?.[0] ?? '')) {
      return invalid(pointer, '', 'not one of the listed arguments');
    }
  }
  return ok({ arguments: names, constraints: constraints.value });
}
