/**
 * Signed 64-bit arithmetic with overflow checks. Uses numbers if operands and result are safe
 * integers, which is nearly always, and `bigint` otherwise.
 */
import type { Int64 } from '../ast.ts';
import { compact, INT64_MAX, INT64_MIN } from '../terms.ts';

const checked = (value: bigint): Int64 | undefined =>
  value < INT64_MIN || value > INT64_MAX ? undefined : compact(value);

/** Returns undefined if the result does not fit in 64 bits. */
export function add(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checked(BigInt(a) + BigInt(b));
}

export function subtract(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checked(BigInt(a) - BigInt(b));
}

export function multiply(a: Int64, b: Int64): Int64 | undefined {
  if (typeof a === 'number' && typeof b === 'number') {
    // A product beyond the safe integers never rounds back into them. `+ 0` turns -0 into 0.
    const product = a * b + 0;
    if (Number.isSafeInteger(product)) return product;
  }
  return checked(BigInt(a) * BigInt(b));
}

/**
 * Truncates. Returns undefined for a divisor of zero and for the one quotient that does not fit.
 */
export function divide(a: Int64, b: Int64): Int64 | undefined {
  if (b === 0) return undefined;
  // `a / b` may round up to the next integer; a multiple of b divides exactly.
  if (typeof a === 'number' && typeof b === 'number') return (a - (a % b)) / b + 0;
  return checked(BigInt(a) / BigInt(b));
}

const isInt32 = (value: Int64): value is number => (Number(value) | 0) === value;

export function bitwise(operator: 'And' | 'Or' | 'Xor', a: Int64, b: Int64): Int64 {
  if (isInt32(a) && isInt32(b))
    return operator === 'And' ? a & b : operator === 'Or' ? a | b : a ^ b;
  const left = BigInt(a);
  const right = BigInt(b);
  return compact(
    operator === 'And' ? left & right : operator === 'Or' ? left | right : left ^ right,
  );
}
