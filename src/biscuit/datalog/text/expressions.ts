/**
 * Parses expressions to instructions in postfix order. The precedence follows the reference:
 * `||`, `&&`, comparisons (which do not associate), `^`, `|`, `&`, `+ -`, `* /`, `!`, methods.
 */
import type { BinaryOperator, Expression, Op } from '../ast.ts';
import { takeName } from './literals.ts';
import { deepen, expect, nested, type Source, skip, take, takeMatch } from './source.ts';
import { parseTerm } from './terms.ts';

const LEVELS: readonly RegExp[] = [
  /\|\|/y,
  /&&/y,
  /<=|>=|<|>|===|!==|==|!=/y,
  /\^/y,
  /\|(?!\|)/y,
  /&(?!&)/y,
  /[+-]/y,
  /[*/]/y,
];
const COMPARISON_LEVEL = 2;
const SUM_LEVEL = 6;

const OPERATORS: Readonly<Record<string, BinaryOperator>> = {
  '||': 'lazyOr',
  '&&': 'lazyAnd',
  '<=': 'lessOrEqual',
  '>=': 'greaterOrEqual',
  '<': 'lessThan',
  '>': 'greaterThan',
  '===': 'equal',
  '!==': 'notEqual',
  '==': 'heterogeneousEqual',
  '!=': 'heterogeneousNotEqual',
  '^': 'bitwiseXor',
  '|': 'bitwiseOr',
  '&': 'bitwiseAnd',
  '+': 'add',
  '-': 'sub',
  '*': 'mul',
  '/': 'div',
};

const METHODS: Readonly<Record<string, BinaryOperator>> = {
  contains: 'contains',
  starts_with: 'prefix',
  ends_with: 'suffix',
  matches: 'regex',
  intersection: 'intersection',
  union: 'union',
  all: 'all',
  any: 'any',
  get: 'get',
  try_or: 'tryOr',
};

const closure = (params: readonly string[], ops: Expression): Op => ({
  kind: 'closure',
  params,
  ops,
});

export const parseExpression = (source: Source): Op[] | undefined => parseLevel(source, 0);

function parseLevel(source: Source, level: number): Op[] | undefined {
  const signs = LEVELS[level];
  if (signs === undefined) return parseUnary(source);
  const ops = parseLevel(source, level + 1);
  if (ops === undefined) return undefined;
  for (;;) {
    skip(source);
    const sign = takeMatch(source, signs, 'an operator')?.[0];
    const operator = sign === undefined ? undefined : OPERATORS[sign];
    if (operator === undefined) return ops;
    skip(source);
    const right = parseLevel(source, level + 1);
    if (right === undefined) return undefined;
    // The right side of a lazy operator is evaluated only if it matters.
    if (operator === 'lazyOr' || operator === 'lazyAnd') ops.push(closure([], right));
    else for (const op of right) ops.push(op);
    ops.push({ kind: 'binary', operator });
    if (level === COMPARISON_LEVEL) return ops;
  }
}

function parseUnary(source: Source): Op[] | undefined {
  if (!take(source, '!')) return parseMethods(source);
  skip(source);
  // As in the reference, `!` applies to the whole sum that follows.
  const ops = nested(source, () => parseLevel(source, SUM_LEVEL));
  ops?.push({ kind: 'unary', operator: 'negate' });
  return ops;
}

function parseOperand(source: Source): Op[] | undefined {
  if (!take(source, '(')) {
    const term = parseTerm(source);
    return term && [{ kind: 'value', term }];
  }
  const ops = nested(source, () => parseArgument(source));
  ops?.push({ kind: 'unary', operator: 'parens' });
  return ops;
}

/** Parses an expression and its closing parenthesis. */
function parseArgument(source: Source): Op[] | undefined {
  skip(source);
  const ops = parseExpression(source);
  skip(source);
  return ops !== undefined && take(source, ')') ? ops : undefined;
}

function parseMethods(source: Source): Op[] | undefined {
  const { depth } = source;
  let ops = parseOperand(source);
  while (ops !== undefined && source.text[source.at] === '.') {
    source.at++;
    ops = parseMethod(source, ops);
  }
  source.depth = depth;
  return ops;
}

function parseMethod(source: Source, ops: Op[]): Op[] | undefined {
  const start = source.at;
  const name = takeName(source, 'a method');
  if (name === undefined || !take(source, '(')) return undefined;
  skip(source);
  const isExtern = name.startsWith('extern::') && name.length > 'extern::'.length;
  if ((isExtern || name === 'length' || name === 'type') && take(source, ')')) {
    if (isExtern) ops.push({ kind: 'extern', arity: 1, name: name.slice('extern::'.length) });
    else ops.push({ kind: 'unary', operator: name === 'length' ? 'length' : 'type' });
    return ops;
  }
  if (isExtern) {
    const argument = nested(source, () => parseArgument(source));
    const op: Op = { kind: 'extern', arity: 2, name: name.slice('extern::'.length) };
    return argument && append(ops, argument, op);
  }
  const operator = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
  if (operator === undefined) {
    source.at = start;
    return expect(source, 'a method');
  }
  return parseCall(source, operator, ops);
}

function parseCall(source: Source, operator: BinaryOperator, ops: Op[]): Op[] | undefined {
  const call: Op = { kind: 'binary', operator };
  if (operator === 'all' || operator === 'any') {
    const param = take(source, '$') ? takeName(source, 'the name of a variable') : undefined;
    skip(source);
    if (param === undefined || !take(source, '->')) return undefined;
    const body = nested(source, () => parseArgument(source));
    return body && append(ops, [closure([param], body)], call);
  }
  const argument = nested(source, () => parseArgument(source));
  if (argument === undefined) return undefined;
  if (operator !== 'tryOr') return append(ops, argument, call);
  // `try_or` protects the expression that it is called on, so each call in a chain wraps the
  // preceding one in a closure.
  return deepen(source) ? append([closure([], ops)], argument, call) : undefined;
}

/** Appends in place: a chain of methods must not copy everything before each of them. */
function append(ops: Op[], more: readonly Op[], last: Op): Op[] {
  for (const op of more) ops.push(op);
  ops.push(last);
  return ops;
}
