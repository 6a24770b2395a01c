import type { DatalogWriter } from '../../datalog.ts';
import type { Alternatives } from '../condition.ts';
import { anyOf } from './any-of.ts';
import { empty } from './empty.ts';
import { from } from './from.ts';
import { type AnyValueKind, type ConstraintOf, kindIn } from './kind.ts';
import { not } from './not.ts';
import { publicHost } from './public-host.ts';
import { SIMPLE_KINDS } from './simple-kinds.ts';

/**
 * The kinds of constraint on one value. A kind is added here or in `SIMPLE_KINDS`; the compiler
 * then names its row in the documentation and its samples for fuzzing.
 */
export const VALUE_KINDS = {
  ...SIMPLE_KINDS,
  /** Of the type and form that the constraint inside is about, and not what it allows. */
  not,
  /** What one of these constraints allows. */
  anyOf,
  /** It comes from one of these, such as the request of the user or a marked field. */
  from,
  /** An IP address or a host name of a public server. For a URL there is `url`. */
  publicHost,
  /** Nothing: no argument, null, or an empty text, array or object. */
  empty,
};

export type ValueKindName = keyof typeof VALUE_KINDS;

/**
 * A constraint on one scalar: an object with one member of `VALUE_KINDS`, such as
 * `{ exact: 'GB1' }`, `{ oneOf: [1, 2] }`, `{ prefix: 'GB' }` or `{ number: { min: 0, max: 50 } }`.
 * docs/reference/constraints.md lists all kinds and what each enforces.
 */
export type ValueConstraint = ConstraintOf<typeof VALUE_KINDS>;

const KINDS: Readonly<Record<string, AnyValueKind>> = VALUE_KINDS;

/** The conditions of a parsed constraint, of which a value must meet one. */
export function alternativesOf(constraint: ValueConstraint, block: DatalogWriter): Alternatives {
  const [kind, value] = kindIn(KINDS, constraint) ?? [];
  if (kind === undefined) throw new Error('a constraint of an unknown kind');
  return [kind.condition(value as never, block)].flat();
}
