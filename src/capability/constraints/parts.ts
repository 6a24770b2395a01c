import { canonicalJson, type Json } from '../../canonical-json.ts';
import type { ArgumentConstraints, Constraint, PresentConstraint } from './constraint.ts';

/** A constraint as what it is made of: all of the parts have to be met. */
export interface Parts {
  readonly optional: boolean;
  readonly parts: readonly PresentConstraint[];
}

/** Undefined for `absent`, which nothing meets. */
export function partsOf(constraint: Constraint): Parts | undefined {
  if ('absent' in constraint) return undefined;
  if ('optional' in constraint) return { optional: true, parts: flat(constraint.optional) };
  return { optional: false, parts: flat(constraint) };
}

const flat = (constraint: PresentConstraint): readonly PresentConstraint[] =>
  'allOf' in constraint ? constraint.allOf : [constraint];

/** Whether all that it takes are texts, numbers, booleans or null, or nothing. */
export const isScalar = (constraint: Constraint): boolean =>
  partsOf(constraint)?.parts.some((part) =>
    Object.keys(part).every((kind) => Object.hasOwn(SCALAR, kind) && SCALAR[kind as Kind]),
  ) ?? false;

type Kind<Part = PresentConstraint> = Part extends unknown ? keyof Part : never;
/** A kind that is new does not compile until it is here: what is no scalar may hold an object. */
const SCALAR: Readonly<Record<Kind, boolean>> = {
  exact: true,
  oneOf: true,
  prefix: true,
  suffix: true,
  glob: true,
  pathBelow: true,
  url: true,
  cidr: true,
  number: true,
  integer: true,
  length: true,
  matches: true,
  subsetOf: false,
  every: false,
  any: false,
  count: false,
  present: false,
  allOf: false, // Its parts are asked, each by itself.
};

/** Whether it takes every value but null. */
export const isAnyValue = (constraint: Constraint): boolean =>
  partsOf(constraint)?.parts.every((part) => 'present' in part) ?? false;

/** Equal for what is the same constraint, in whatever order its members stand. */
export const textOf = (constraint: Constraint): string =>
  // What the parser let through is JSON.
  canonicalJson(constraint as unknown as Json);

/** Equal for what bounds a call alike: the list of arguments has no order. */
export const constraintsText = (constraints: ArgumentConstraints | undefined): string => {
  if (constraints === undefined) return '';
  const whole = { ...constraints, arguments: [...constraints.arguments].sort() };
  return canonicalJson(whole as unknown as Json);
};
