import type { ListKindName, PartConstraint, ValueKindName } from './kinds/index.ts';

/**
 * What one argument may be. Plain JSON with one member, whose name is the kind, as it appears in a
 * policy file, in a catalogue or in RFC 9396 authorization details. docs/reference/constraints.md
 * lists what each kind enforces and denies.
 *
 * A constraint allows only what it names. The argument must be there, unless the constraint is
 * wrapped in `optional`, and must have one reading: text that two targets would read differently
 * meets no constraint on that reading.
 */
export type Constraint =
  | PresentConstraint
  /** It may be left out. If it is there, even as null, it must meet the constraint. */
  | { readonly optional: PresentConstraint }
  /** It must not be there. A null is there. */
  | { readonly absent: true };

/** What an argument that is there must meet. */
export type PresentConstraint =
  | PartConstraint
  /** Every one of them. */
  | { readonly allOf: readonly PartConstraint[] }
  /** Any value but null, of any depth. */
  | { readonly present: true };

/** The kinds that say how other constraints apply, rather than what a value is. */
export type CombiningKind = 'allOf' | 'present' | 'optional' | 'absent';

/**
 * The name of every kind of constraint, such as `exact` or `every`. A table over it that lacks a
 * kind does not compile.
 */
export type ConstraintKind = ValueKindName | ListKindName | CombiningKind;

/** What a tool's arguments may be, as a whole. */
export interface ArgumentConstraints {
  /** The names of all top-level arguments that a call may pass. Any other is denied. */
  readonly arguments: readonly string[];
  /**
   * By RFC 6901 pointer. Inner segments name members of objects, never elements of arrays. An
   * object that holds a constrained member may hold no member without a constraint.
   */
  readonly constraints: ConstraintsByPointer;
}

/** Constraints by RFC 6901 pointer into the arguments. */
export type ConstraintsByPointer = Readonly<Record<string, Constraint>>;

/** Why constraints were not read. */
export interface ConstraintError {
  readonly code: 'constraint_invalid';
  /** The argument's pointer; empty if no single argument is at fault. */
  readonly pointer: string;
  /** Where in the constraint, as in `every.url.host`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}
