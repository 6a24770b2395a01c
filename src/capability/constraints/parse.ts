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
import { allOf, LIST_KINDS, oneKind, schemasOf, VALUE_KINDS } from './kinds/index.ts';
import { CONSTRAINT_ARGUMENTS_MAX, CONSTRAINTS_MAX } from './limits.ts';

/**
 * Strict: an unknown kind, a second member or a misspelt one is refused, never skipped, because its
 * author believes in the limit that would be skipped. The schemas nest `optional` over `allOf` over
 * `every` over `allOf` over a value and no deeper, by construction.
 */
const PARTS = { ...schemasOf(VALUE_KINDS), ...schemasOf(LIST_KINDS) };
const PRESENT = { ...PARTS, allOf: allOf(oneKind(PARTS)), present: v.literal(true) };
const constraintSchema = oneKind({
  ...PRESENT,
  optional: oneKind(PRESENT),
  absent: v.literal(true),
}) as v.GenericSchema<unknown, Constraint>;

const invalid = (pointer: string, where: string, why: string): Result<never, ConstraintError> =>
  refuse({ code: 'constraint_invalid', pointer, where, why });

/**
 * Parses one constraint from untrusted JSON. `pointer` only appears in the error.
 *
 * @example
 * ```ts
 * import { parseConstraint } from 'hewn/capability';
 *
 * const parsed = parseConstraint({ oneOf: ['GB1', 'GB2'] });
 * if (!parsed.ok) throw new Error(parsed.error.why);
 * ```
 */
export function parseConstraint(input: unknown, pointer = ''): Result<Constraint, ConstraintError> {
  const parsed = v.safeParse(constraintSchema, input, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  const [issue] = parsed.issues;
  return invalid(pointer, issue.path?.map(({ key }) => String(key)).join('.') ?? '', issue.message);
}

/** Parses constraints by pointer from untrusted JSON. No pointer may lie inside another. */
export function parseByPointer(input: unknown): Result<ConstraintsByPointer, ConstraintError> {
  if (!isJsonObject(input)) return invalid('', '', 'not an object');
  const entries = Object.entries(input);
  if (entries.length > CONSTRAINTS_MAX) return invalid('', '', `over ${CONSTRAINTS_MAX}`);
  const constraints: [string, Constraint][] = [];
  for (const [pointer, value] of entries) {
    // Encoded as UTF-8, a lone surrogate becomes U+FFFD: the check would name another argument.
    if (!pointer.isWellFormed() || !readPointer(pointer)) {
      return invalid(pointer, '', 'not an RFC 6901 pointer to an argument');
    }
    if (readPointer(pointer)?.includes(EACH_ELEMENT)) {
      return invalid(pointer, '', 'a segment *: constrain the list with "every" instead');
    }
    if (entries.some(([other]) => pointer.startsWith(`${other}/`))) {
      return invalid(pointer, '', 'inside another argument that has a constraint');
    }
    const parsed = parseConstraint(value, pointer);
    if (!parsed.ok) return parsed;
    constraints.push([pointer, parsed.value]);
  }
  return ok(Object.fromEntries(constraints));
}

/** `parseArgumentConstraints` as a valibot schema, for use in the schema of a request or a file. */
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

/**
 * Parses the constraints on a tool's arguments from untrusted JSON: the closed list of their names,
 * and constraints on some of them.
 *
 * @example
 * ```ts
 * import { parseArgumentConstraints } from 'hewn/capability';
 *
 * const parsed = parseArgumentConstraints({
 *   arguments: ['recipient', 'amount'],
 *   constraints: { '/amount': { number: { min: 0, max: 50 } } },
 * });
 * if (!parsed.ok) throw new Error(`${parsed.error.pointer}: ${parsed.error.why}`);
 * ```
 */
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
