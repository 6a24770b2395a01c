/**
 * Prints expressions. In a token, parentheses are instructions too. Where a token omits parentheses
 * that the text needs, they are printed anyway, so that the text means what is evaluated.
 */
import type { BinaryOperator, Expression, Op } from '../ast.ts';
import { printTerm } from './terms.ts';

/** How tightly the outermost operator of a text binds: the levels of the parser. */
const LEVEL = {
  closure: 0,
  or: 1,
  and: 2,
  comparison: 3,
  xor: 4,
  bitOr: 5,
  bitAnd: 6,
  // `!` applies to the whole sum that follows: `!$a + 1` is `!($a + 1)`.
  negation: 7,
  sum: 8,
  product: 9,
  // A date ends at a space, so a method on it needs parentheses.
  date: 10,
  method: 11,
} as const;

type Level = (typeof LEVEL)[keyof typeof LEVEL];
type Text = { readonly text: string; readonly level: Level };

const INFIX: { readonly [operator in BinaryOperator]?: readonly [string, Level] } = {
  lazyOr: ['||', LEVEL.or],
  // The eager forms have no text of their own; `&&!` of the reference reads as `&& !`.
  or: ['||', LEVEL.or],
  lazyAnd: ['&&', LEVEL.and],
  and: ['&&', LEVEL.and],
  lessThan: ['<', LEVEL.comparison],
  greaterThan: ['>', LEVEL.comparison],
  lessOrEqual: ['<=', LEVEL.comparison],
  greaterOrEqual: ['>=', LEVEL.comparison],
  equal: ['===', LEVEL.comparison],
  notEqual: ['!==', LEVEL.comparison],
  heterogeneousEqual: ['==', LEVEL.comparison],
  heterogeneousNotEqual: ['!=', LEVEL.comparison],
  bitwiseXor: ['^', LEVEL.xor],
  bitwiseOr: ['|', LEVEL.bitOr],
  bitwiseAnd: ['&', LEVEL.bitAnd],
  add: ['+', LEVEL.sum],
  sub: ['-', LEVEL.sum],
  mul: ['*', LEVEL.product],
  div: ['/', LEVEL.product],
};

const METHOD: { readonly [operator in BinaryOperator]?: string } = {
  contains: 'contains',
  prefix: 'starts_with',
  suffix: 'ends_with',
  regex: 'matches',
  intersection: 'intersection',
  union: 'union',
  all: 'all',
  any: 'any',
  get: 'get',
  tryOr: 'try_or',
};

const atLeast = ({ text, level }: Text, needed: number) => (level < needed ? `(${text})` : text);

function printBinary(operator: BinaryOperator, left: Text, right: Text): Text {
  const infix = INFIX[operator];
  if (infix === undefined) return printMethod(METHOD[operator] ?? operator, left, right.text);
  const [sign, level] = infix;
  // Comparisons do not associate. All other operators associate to the left.
  const leftLevel = level === LEVEL.comparison ? level + 1 : level;
  return { text: `${atLeast(left, leftLevel)} ${sign} ${atLeast(right, level + 1)}`, level };
}

function printMethod(name: string, receiver: Text, argument: string): Text {
  const text = `${atLeast(receiver, LEVEL.method)}.${name}(${argument})`;
  return { text, level: LEVEL.method };
}

const NO_TEXT: Text = { text: '', level: LEVEL.method };

function printOp(stack: Text[], op: Op): Text | undefined {
  switch (op.kind) {
    case 'value':
      return {
        text: printTerm(op.term),
        level: op.term.kind === 'date' ? LEVEL.date : LEVEL.method,
      };
    case 'closure':
      return printClosure(op.params, op.ops);
    case 'unary': {
      const value = stack.pop();
      if (value === undefined) return undefined;
      if (op.operator === 'parens') return { text: `(${value.text})`, level: LEVEL.method };
      if (op.operator === 'negate')
        return { text: `!${atLeast(value, LEVEL.negation)}`, level: LEVEL.negation };
      return printMethod(op.operator, value, '');
    }
    case 'binary': {
      const right = stack.pop();
      const left = stack.pop();
      return left && right && printBinary(op.operator, left, right);
    }
    case 'extern': {
      const argument = op.arity === 2 ? stack.pop() : NO_TEXT;
      const receiver = stack.pop();
      return receiver && argument && printMethod(`extern::${op.name}`, receiver, argument.text);
    }
  }
}

function printClosure(params: readonly string[], ops: Expression): Text | undefined {
  const body = printOps(ops);
  if (body === undefined || params.length === 0) return body;
  const names = params.map((param) => `$${param}`).join(', ');
  return { text: `${names} -> ${body.text}`, level: LEVEL.closure };
}

function printOps(ops: Expression): Text | undefined {
  const stack: Text[] = [];
  for (const op of ops) {
    const text = printOp(stack, op);
    if (text === undefined) return undefined;
    stack.push(text);
  }
  return stack.length === 1 ? stack[0] : undefined;
}

/** Returns an expression as Datalog text. */
export const printExpression = (ops: Expression): string =>
  printOps(ops)?.text ?? '<invalid expression>';
