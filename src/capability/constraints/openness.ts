import type {
  Constraint,
  ElementConstraint,
  ListConstraint,
  ValueConstraint,
} from './constraint.ts';

/**
 * Whether an argument with this constraint can still be pointed anywhere. A length, a number of
 * elements, a number without a maximum, one good element among others, a glob of stars and a range
 * of all addresses bound something, but not where a call goes. A pattern is believed.
 */
export function leavesOpen(constraint: Constraint): boolean {
  if ('absent' in constraint) return false;
  if ('present' in constraint) return true;
  if ('optional' in constraint) return leavesOpen(constraint.optional);
  if ('allOf' in constraint) return constraint.allOf.every(leavesOpen);
  return isOpen(constraint);
}

function isOpen(constraint: ValueConstraint | ListConstraint): boolean {
  if ('any' in constraint || 'count' in constraint || 'length' in constraint) return true;
  if ('every' in constraint) return isOpenElement(constraint.every);
  if ('number' in constraint) return constraint.number.max === undefined;
  if ('integer' in constraint) return constraint.integer.max === undefined;
  if ('glob' in constraint) return /^[*/]*$/.test(constraint.glob);
  if ('pathBelow' in constraint) return constraint.pathBelow === '/';
  if ('cidr' in constraint) return [constraint.cidr].flat().some((range) => range.endsWith('/0'));
  return false;
}

const isOpenElement = (element: ElementConstraint): boolean =>
  'allOf' in element ? element.allOf.every(isOpen) : isOpen(element);
