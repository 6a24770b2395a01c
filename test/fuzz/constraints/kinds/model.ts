import type fc from 'fast-check';
import type { Json } from '../../../../src/canonical-json.ts';
import type { Constraint } from '../../../../src/capability/index.ts';

/** A constraint of the kind, and values to start mutating from. Most of them meet it. */
export interface Sample<C extends Constraint = Constraint> {
  readonly constraint: C;
  readonly values: readonly Json[];
}

export type Samples<C extends Constraint = Constraint> = fc.Arbitrary<Sample<C>>;

/** What the tests know of a kind: how to generate it, and what it means. */
export interface Model<C extends Constraint, Wanted> {
  readonly samples: Samples<C>;
  /**
   * Whether the value meets the constraint, written as plainly as possible: over the JSON itself
   * and with none of the code under test. Slow and unbounded.
   */
  readonly isMet: (value: Json, wanted: Wanted) => boolean;
}

/** One model for each kind of the union: a kind without a model does not compile. */
export type Models<C extends Constraint> = {
  readonly [Name in NameOf<C>]: Model<Of<C, Name>, Of<C, Name>[Name & keyof Of<C, Name>]>;
};

type NameOf<C> = C extends unknown ? keyof C : never;
type Of<C, Name> = C extends unknown ? (Name extends keyof C ? C : never) : never;
