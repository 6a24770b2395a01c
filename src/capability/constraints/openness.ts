import { isJsonObject } from '../../canonical-json.ts';
import type { Constraint, ListConstraint, ValueConstraint } from './constraint.ts';

type KindOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, Kind extends PropertyKey> =
  T extends Readonly<Record<Kind, infer Value>> ? Value : never;
/** One answer for each kind of constraint: a new kind does not compile without one. */
type Answers<T> = { readonly [Kind in KindOf<T>]: (value: ValueOf<T, Kind>) => boolean };

const always = () => true;
const never = () => false;
const hasNoMaximum = ({ max }: { readonly max?: number }): boolean => max === undefined;

const ELEMENTS: Answers<ValueConstraint | ListConstraint> = {
  exact: never,
  oneOf: never,
  prefix: never,
  suffix: never,
  glob: (glob) => /^[*/]*$/.test(glob),
  pathBelow: (path) => path === '/',
  url: never,
  cidr: (ranges) => [ranges].flat().some((range) => range.endsWith('/0')),
  number: hasNoMaximum,
  integer: hasNoMaximum,
  length: always,
  matches: never, // A pattern is believed.
  subsetOf: never,
  every: (element) => isOpen(element),
  any: always,
  count: always,
};

const CONSTRAINTS: Answers<Constraint> = {
  ...ELEMENTS,
  optional: (constraint) => leavesOpen(constraint),
  absent: never,
  allOf: (constraints) => constraints.every(isOpen),
  present: always,
};

/**
 * Whether an argument with this constraint can still be pointed anywhere. A length, a number of
 * elements, a number without a maximum, one good element among others, a glob of stars and a range
 * of all addresses bound something, but not where a call goes. An unknown kind leaves everything
 * open.
 */
export const leavesOpen = (constraint: Constraint): boolean => isOpen(constraint);

function isOpen(constraint: object): boolean {
  const [[kind, value] = ['', undefined], ...others] = Object.entries(constraint);
  if (!isJsonObject(constraint) || others.length > 0) return true;
  const answers: Readonly<Record<string, (value: never) => boolean>> = CONSTRAINTS;
  const answer = Object.hasOwn(answers, kind) ? answers[kind] : undefined;
  return answer === undefined || answer(value as never);
}
