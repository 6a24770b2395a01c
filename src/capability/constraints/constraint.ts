import type { JsonScalar } from '../../canonical-json.ts';
import type { Scheme } from '../readings.ts';

/**
 * What an argument may be. Plain JSON with one member, whose name is the kind: as it stands in a
 * policy file, in a catalogue or in RFC 9396 authorization details. docs/reference/constraints.md
 * has the table of what each enforces and refuses.
 *
 * A constraint only ever allows what it names. The argument must be there, unless it is wrapped in
 * `optional`, and must have one reading: text that two targets would read differently meets none.
 */
export type Constraint =
  | PresentConstraint
  /** It may be left out; where it is there, even as null, it must meet the constraint. */
  | { readonly optional: PresentConstraint }
  /** It must not be there; null is there. */
  | { readonly absent: true };

export type PresentConstraint =
  | ValueConstraint
  | ListConstraint
  /** Every one of them. */
  | { readonly allOf: readonly (ValueConstraint | ListConstraint)[] }
  /** Any value but null, of any depth. */
  | { readonly present: true };

/** On one scalar. Text is compared code point by code point, never folded or repaired. */
export type ValueConstraint =
  | { readonly exact: JsonScalar }
  /** All texts or all numbers. */
  | { readonly oneOf: readonly string[] | readonly number[] }
  | { readonly prefix: string }
  | { readonly suffix: string }
  /** By path segments: `*` is any run of characters in a segment, `**` any number of segments. */
  | { readonly glob: string }
  /** This path or one below it, by whole segments. */
  | { readonly pathBelow: string }
  | { readonly url: UrlConstraint }
  /** One address in one of these ranges. */
  | { readonly cidr: string | readonly string[] }
  /** In units, with up to six decimals; `number` also takes integers. */
  | { readonly number: Range }
  | { readonly integer: Range }
  /** Of a text, in code points. */
  | { readonly length: Range }
  /** A regular expression of the engine's linear-time subset, over the whole text. */
  | { readonly matches: string };

/** On an array of scalars; an array or object inside it meets none. */
export type ListConstraint =
  /** Each element is one of these; the empty list is a subset. */
  | { readonly subsetOf: readonly string[] | readonly number[] }
  /** Each element, of which there may be none. */
  | { readonly every: ElementConstraint }
  /** One element at least; it says nothing about the others. */
  | { readonly any: ElementConstraint }
  /** The number of elements. */
  | { readonly count: Range };

export type ElementConstraint = ValueConstraint | { readonly allOf: readonly ValueConstraint[] };

/** Both ends are allowed values; without an end it is open on that side. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** User info is never allowed, query and fragment always are. */
export interface UrlConstraint {
  readonly schemes: readonly Scheme[];
  /** One host, or `hostSuffix`: that host and those below it by whole labels. */
  readonly host?: string;
  readonly hostSuffix?: string;
  /** Without it: the ports that the schemes have by default. */
  readonly port?: number;
  /** Without it: any path. */
  readonly pathBelow?: string;
}

/** What a tool's arguments may be, as a whole. */
export interface ArgumentConstraints {
  /** The names of every top-level argument that a call may bring: the world is closed. */
  readonly arguments: readonly string[];
  /**
   * By RFC 6901 pointer; its inner segments name members of objects, never elements of arrays. An
   * object that holds a constrained member may hold no member that has no constraint.
   */
  readonly constraints: ConstraintsByPointer;
}

export type ConstraintsByPointer = Readonly<Record<string, Constraint>>;

export interface ConstraintError {
  readonly code: 'constraint_invalid';
  /** The argument's pointer; empty where no single one is at fault. */
  readonly pointer: string;
  /** Where in the constraint, as in `every.url.host`; empty for the whole. */
  readonly where: string;
  readonly why: string;
}
