/**
 * The stack machine for expressions. Closures are evaluated on their own stack, with their
 * parameter bound above the variables of the enclosing body.
 */
import type { BinaryOperator, Expression, Op, Term } from '../ast.ts';
import { compareKeys, compareTerms } from '../order.ts';
import { FALSE, INT64_MAX, INT64_MIN, TRUE } from '../terms.ts';
import { type Bindings, bind, bound, isBound, lookupCost, release } from './bindings.ts';
import { spendTerm } from './equality.ts';
import { applyBinary, applyUnary, invalidType, type Outcome } from './operators.ts';
import { exceed, fail, type Run, spendSteps } from './run.ts';

type Closure = Extract<Op, { readonly kind: 'closure' }>;
type Slot = Term | Closure;

const invalidStack = (run: Run): undefined => fail(run, { code: 'stack_invalid' });

/** Returns the one value that the expression leaves, or undefined if `run.failure` is set. */
export function evaluateExpression(run: Run, bindings: Bindings, ops: Expression): Outcome {
  const stack: Slot[] = [];
  for (const op of ops) {
    if (!spendSteps(run, 1)) return undefined;
    const result = step(run, bindings, stack, op);
    // A limit may also end an operator that returns a value, such as a comparison.
    if (result === undefined || run.failure !== undefined) return undefined;
    stack.push(result);
  }
  const [result] = stack;
  if (stack.length !== 1 || result === undefined || result.kind === 'closure')
    return invalidStack(run);
  return result;
}

function step(run: Run, bindings: Bindings, stack: Slot[], op: Op): Slot | undefined {
  switch (op.kind) {
    case 'value': {
      if (op.term.kind !== 'variable') return op.term;
      const name = op.term.value;
      run.expressionSteps += lookupCost(bindings);
      return bound(bindings, name) ?? fail(run, { code: 'variable_unknown', name });
    }
    case 'closure':
      return op;
    case 'unary': {
      const value = stack.pop();
      if (value === undefined || value.kind === 'closure') return invalidStack(run);
      return applyUnary(run, op.operator, value);
    }
    case 'binary': {
      const right = stack.pop();
      const left = stack.pop();
      if (right === undefined || left === undefined) return invalidStack(run);
      if (right.kind === 'closure')
        return left.kind === 'closure'
          ? invalidStack(run)
          : applyClosure(run, bindings, op.operator, left, right);
      // `try_or` has its closure on the left; for other operators the reference accepts either
      // side.
      if (left.kind === 'closure') return applyClosure(run, bindings, op.operator, right, left);
      return applyBinary(run, op.operator, left, right);
    }
    case 'extern':
      return callExtern(run, bindings, stack, op);
  }
}

function callExtern(
  run: Run,
  bindings: Bindings,
  stack: Slot[],
  { name, arity }: Extract<Op, { readonly kind: 'extern' }>,
): Outcome {
  const right = arity === 2 ? stack.pop() : undefined;
  const left = stack.pop();
  if (left === undefined || (arity === 2 && right === undefined)) return invalidStack(run);
  if (left.kind === 'closure' || right?.kind === 'closure') {
    const { params } = left.kind === 'closure' ? left : (right as Closure);
    if (arity === 1 || left.kind === right?.kind) return invalidStack(run);
    return shadowed(run, bindings, params) ? undefined : invalidType(run);
  }
  const call = Object.hasOwn(run.externs, name) ? run.externs[name] : undefined;
  if (call === undefined) return fail(run, { code: 'extern_undefined', name });
  const result = right === undefined ? call(left) : call(left, right);
  if (!result.ok) return fail(run, { code: 'extern_failed', name, detail: result.error });
  if (!isExactTerm(result.value))
    return fail(run, { code: 'extern_failed', name, detail: 'the result is not a value' });
  return result.value;
}

// A host function's result is the only value that no decoder has checked.
function isExactTerm(term: Term): boolean {
  switch (term.kind) {
    case 'variable':
      return false;
    case 'integer':
    case 'date':
      if (typeof term.value === 'number') return Number.isSafeInteger(term.value);
      return (
        !Number.isSafeInteger(Number(term.value)) &&
        (term.kind === 'date'
          ? term.value >= 0n && term.value >> 64n === 0n
          : term.value >= INT64_MIN && term.value <= INT64_MAX)
      );
    case 'set':
    case 'array':
      return term.value.every(isExactTerm);
    case 'map':
      return term.value.every(({ key, value }) => isExactTerm(key) && isExactTerm(value));
    default:
      return true;
  }
}

function shadowed(run: Run, bindings: Bindings, params: readonly string[]): boolean {
  const name = params.find((param) => isBound(bindings, param));
  if (name === undefined) return false;
  fail(run, { code: 'variable_shadowed', name });
  return true;
}

function applyClosure(
  run: Run,
  bindings: Bindings,
  operator: BinaryOperator,
  value: Term,
  closure: Closure,
): Outcome {
  if (shadowed(run, bindings, closure.params)) return undefined;
  if (run.closureDepth >= run.limits.closureDepthMax) return exceed(run, 'closureDepthMax');
  run.closureDepth++;
  const result = enterClosure(run, bindings, operator, value, closure);
  run.closureDepth--;
  return result;
}

function enterClosure(
  run: Run,
  bindings: Bindings,
  operator: BinaryOperator,
  value: Term,
  { params, ops }: Closure,
): Outcome {
  const [param] = params;
  if (param === undefined) {
    if (operator === 'tryOr') return tryOr(run, bindings, value, ops);
    if (value.kind !== 'bool') return invalidType(run);
    if (operator === 'lazyOr') return value.value ? TRUE : evaluateExpression(run, bindings, ops);
    if (operator === 'lazyAnd') return value.value ? evaluateExpression(run, bindings, ops) : FALSE;
    return invalidType(run);
  }
  if (params.length !== 1 || (operator !== 'all' && operator !== 'any')) return invalidType(run);
  const items = elements(run, value);
  if (items === undefined) return run.failure === undefined ? invalidType(run) : undefined;
  // `any` stops at the first true, `all` at the first false.
  const decisive = operator === 'any';
  for (const item of items) {
    const mark = bindings.count;
    bind(bindings, param, item);
    const result = evaluateExpression(run, bindings, ops);
    release(bindings, mark);
    if (result === undefined) return undefined;
    if (result.kind !== 'bool') return invalidType(run);
    if (result.value === decisive) return result;
  }
  return decisive ? FALSE : TRUE;
}

function tryOr(run: Run, bindings: Bindings, fallback: Term, ops: Expression): Outcome {
  const result = evaluateExpression(run, bindings, ops);
  if (result !== undefined) return result;
  // A limit ends the authorization, and so does a pattern that could not be decided. `try_or` must
  // not recover from either.
  const code = run.failure?.code;
  if (code === 'limit_exceeded' || code === 'regex_unsupported') return undefined;
  run.failure = undefined;
  return fallback;
}

const isSorted = <T>(items: readonly T[], compare: (a: T, b: T) => number) =>
  items.every((item, i) => i === 0 || compare(items[i - 1] as T, item) < 0);

/**
 * The elements that `any` and `all` visit. Sets and maps are visited in term order, whatever order
 * the token has them in.
 */
function elements(run: Run, value: Term): readonly Term[] | undefined {
  switch (value.kind) {
    case 'array':
      return value.value;
    case 'set':
      if (!spendTerm(run, value)) return undefined;
      return isSorted(value.value, compareTerms) ? value.value : value.value.toSorted(compareTerms);
    case 'map':
      if (!spendTerm(run, value)) return undefined;
      return value.value
        .toSorted((a, b) => compareKeys(a.key, b.key))
        .map(({ key, value: item }): Term => ({ kind: 'array', value: [key, item] }));
    default:
      return undefined;
  }
}
