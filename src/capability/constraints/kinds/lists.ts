import { matchingBody, writeAny, writeEvery } from '../queries.ts';
import {
  conditionsOf,
  type ElementConstraint,
  elementBoundsSink,
  elementSchema,
  type ListKind,
} from './element.ts';
import { always, never, none } from './kind.ts';
import { countRange, inRange, type Range } from './range.ts';
import { type ValueList, valueList } from './scalar-schemas.ts';

export const subsetOf: ListKind<ValueList> = {
  schema: valueList,
  write: (checks, place, values) =>
    writeEvery(checks, place, () => conditionsOf({ oneOf: values }, checks.block)),
  boundsSink: always,
  listedValues: (values) => values,
  elements: () => [],
};

export const every: ListKind<ElementConstraint> = {
  schema: elementSchema,
  write: (checks, place, element) =>
    writeEvery(checks, place, () => conditionsOf(element, checks.block)),
  boundsSink: elementBoundsSink,
  listedValues: none,
  elements: (element) => [['', element]],
};

export const any: ListKind<ElementConstraint> = {
  schema: elementSchema,
  write: (checks, place, element) =>
    writeAny(checks, place, () => conditionsOf(element, checks.block)),
  boundsSink: never, // It says nothing about the other elements.
  listedValues: none,
  elements: (element) => [['', element]],
};

export const count: ListKind<Range> = {
  schema: countRange,
  write: (checks, { parameter, absent }, limits) => {
    const condition = inRange('arg_count', limits, ['array'], checks.block);
    checks.require(...absent, matchingBody(parameter, [condition]));
  },
  boundsSink: never,
  listedValues: none,
  elements: () => [],
};
