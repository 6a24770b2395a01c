/**
 * The operators on values (SPECIFICATIONS.md, "Operations"). Where the specification leaves room,
 * we follow the reference: `==` between two types is false and `===` is an error, a set contains
 * only numbers, dates, booleans, text and bytes, and `get` beyond an array is null.
 */
import type { BinaryOperator, Int64, Term, UnaryOperator } from '../ast.ts';
import { bool, NULL, set } from '../terms.ts';
import {
  containsAll,
  containsTerm,
  entryOf,
  equalItems,
  equalTerms,
  spendTerm,
} from './equality.ts';
import { add, bitwise, divide, multiply, subtract } from './integers.ts';
import { matchesPattern } from './patterns.ts';
import { fail, type Run, spendUnits } from './run.ts';
import { includesText, utf8Length } from './strings.ts';

export type Outcome = Term | undefined;

export const invalidType = (run: Run): undefined => fail(run, { code: 'type_invalid' });

export function applyUnary(run: Run, operator: UnaryOperator, value: Term): Outcome {
  switch (operator) {
    case 'parens':
      return value;
    case 'negate':
      return value.kind === 'bool' ? bool(!value.value) : invalidType(run);
    case 'type':
      return { kind: 'string', value: value.kind };
    case 'length':
      return lengthOf(run, value);
  }
}

function lengthOf(run: Run, value: Term): Outcome {
  switch (value.kind) {
    case 'string':
      if (!spendUnits(run, value.value.length)) return undefined;
      return { kind: 'integer', value: utf8Length(value.value) };
    case 'bytes':
    case 'set':
    case 'array':
    case 'map':
      return { kind: 'integer', value: value.value.length };
    default:
      return invalidType(run);
  }
}

/** Also fails with `type_invalid` if an operator that needs a closure gets a value. */
export function applyBinary(run: Run, operator: BinaryOperator, left: Term, right: Term): Outcome {
  switch (operator) {
    case 'heterogeneousEqual':
      return bool(equalTerms(run, left, right));
    case 'heterogeneousNotEqual':
      return bool(!equalTerms(run, left, right));
    case 'equal':
      return left.kind === right.kind ? bool(equalTerms(run, left, right)) : invalidType(run);
    case 'notEqual':
      return left.kind === right.kind ? bool(!equalTerms(run, left, right)) : invalidType(run);
    case 'contains':
      return contains(run, left, right);
    case 'get':
      return get(run, left, right);
  }
  switch (left.kind) {
    case 'integer':
      if (right.kind !== 'integer') return invalidType(run);
      return compare(operator, left.value, right.value) ?? arithmetic(run, operator, left, right);
    case 'date':
      if (right.kind !== 'date') return invalidType(run);
      return compare(operator, left.value, right.value) ?? invalidType(run);
    case 'string':
      return right.kind === 'string'
        ? text(run, operator, left.value, right.value)
        : invalidType(run);
    case 'bool':
      if (right.kind !== 'bool') return invalidType(run);
      if (operator === 'and') return bool(left.value && right.value);
      return operator === 'or' ? bool(left.value || right.value) : invalidType(run);
    case 'set':
      return right.kind === 'set'
        ? combine(run, operator, left.value, right.value)
        : invalidType(run);
    case 'array':
      return right.kind === 'array'
        ? edge(run, operator, left.value, right.value)
        : invalidType(run);
    default:
      return invalidType(run);
  }
}

function compare(operator: BinaryOperator, left: Int64, right: Int64): Outcome {
  switch (operator) {
    case 'lessThan':
      return bool(left < right);
    case 'greaterThan':
      return bool(left > right);
    case 'lessOrEqual':
      return bool(left <= right);
    case 'greaterOrEqual':
      return bool(left >= right);
    default:
      return undefined;
  }
}

function arithmetic(
  run: Run,
  operator: BinaryOperator,
  { value: left }: { readonly value: Int64 },
  { value: right }: { readonly value: Int64 },
): Outcome {
  let value: Int64 | undefined;
  switch (operator) {
    case 'add':
      value = add(left, right);
      break;
    case 'sub':
      value = subtract(left, right);
      break;
    case 'mul':
      value = multiply(left, right);
      break;
    case 'div':
      value = divide(left, right);
      // The one quotient that overflows is -2^63 / -1. The reference reports it as a division by
      // zero too.
      if (value === undefined) return fail(run, { code: 'division_by_zero' });
      break;
    case 'bitwiseAnd':
      value = bitwise('And', left, right);
      break;
    case 'bitwiseOr':
      value = bitwise('Or', left, right);
      break;
    case 'bitwiseXor':
      value = bitwise('Xor', left, right);
      break;
    default:
      return invalidType(run);
  }
  return value === undefined ? fail(run, { code: 'integer_overflow' }) : { kind: 'integer', value };
}

function text(run: Run, operator: BinaryOperator, left: string, right: string): Outcome {
  // Of the left text, only a prefix or suffix is compared.
  const atEdge = operator === 'prefix' || operator === 'suffix';
  if (!spendUnits(run, right.length + (atEdge ? 0 : left.length))) return undefined;
  switch (operator) {
    case 'prefix':
      return bool(left.startsWith(right));
    case 'suffix':
      return bool(left.endsWith(right));
    case 'add':
      return { kind: 'string', value: left + right };
    case 'regex':
      return matchesPattern(run, right, left);
    default:
      return invalidType(run);
  }
}

function combine(
  run: Run,
  operator: BinaryOperator,
  left: readonly Term[],
  right: readonly Term[],
): Outcome {
  if (operator === 'union') {
    const both: Term = { kind: 'set', value: [...left, ...right] };
    return spendTerm(run, both) ? set(both.value) : undefined;
  }
  if (operator !== 'intersection') return invalidType(run);
  const common = left.filter((item) => run.failure === undefined && containsTerm(run, right, item));
  return { kind: 'set', value: common };
}

function edge(
  run: Run,
  operator: BinaryOperator,
  items: readonly Term[],
  part: readonly Term[],
): Outcome {
  if (operator !== 'prefix' && operator !== 'suffix') return invalidType(run);
  const offset = operator === 'prefix' ? 0 : items.length - part.length;
  return bool(part.length <= items.length && equalItems(run, items, part, offset));
}

function contains(run: Run, left: Term, right: Term): Outcome {
  switch (left.kind) {
    case 'string':
      if (right.kind !== 'string') return invalidType(run);
      if (!spendUnits(run, left.value.length + right.value.length)) return undefined;
      return bool(includesText(left.value, right.value));
    case 'set':
      if (right.kind === 'set') return bool(containsAll(run, left.value, right.value));
      if (right.kind === 'null' || right.kind === 'array' || right.kind === 'map')
        return invalidType(run);
      return bool(containsTerm(run, left.value, right));
    case 'array':
      return bool(containsTerm(run, left.value, right));
    case 'map':
      if (right.kind !== 'integer' && right.kind !== 'string') return bool(false);
      return bool(entryOf(run, left.value, right) !== undefined);
    default:
      return invalidType(run);
  }
}

function get(run: Run, left: Term, right: Term): Outcome {
  if (left.kind === 'array' && right.kind === 'integer')
    return left.value[Number(right.value)] ?? NULL;
  if (left.kind === 'map' && (right.kind === 'integer' || right.kind === 'string'))
    return entryOf(run, left.value, right)?.value ?? NULL;
  return invalidType(run);
}
