/** Reads the messages `Expression`, `Op`, `OpUnary`, `OpBinary` and `OpClosure`. */
import {
  BINARY_OPERATORS,
  type BinaryOperator,
  type Expression,
  type Op,
  UNARY_OPERATORS,
  type UnaryOperator,
} from '../datalog/index.ts';
import type { BlockWire } from './block-wire.ts';
import { exceeded } from './tables.ts';
import { readTerm } from './term-reader.ts';
import { BLOCK_VERSION_3_3, operatorVersion } from './versions.ts';

const NO_OP: Op = { kind: 'value', term: { kind: 'null', value: null } };

export function readExpression(wire: BlockWire): Expression {
  const outer = wire.enter();
  const ops: Op[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) ops.push(readOp(wire, 0));
    else wire.skip();
  }
  wire.leave(outer);
  return ops;
}

/** Reads one instruction. `depth` counts the closures around it. */
function readOp(wire: BlockWire, depth: number): Op {
  const outer = wire.enter();
  let op: Op | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field > 4) wire.skip();
    else if (op !== undefined) wire.fail('an instruction of two kinds');
    else if (field === 1) op = readValue(wire);
    else if (field === 4) op = readClosure(wire, depth + 1);
    else op = readOperator(wire, field === 2 ? 1 : 2);
  }
  wire.leave(outer);
  if (op === undefined) wire.fail('an empty instruction');
  return op ?? NO_OP;
}

function readValue(wire: BlockWire): Op {
  const term = readTerm(wire, 'rule');
  if (term.kind === 'null') wire.needs(BLOCK_VERSION_3_3, 'null');
  return { kind: 'value', term };
}

function readOperator(wire: BlockWire, arity: 1 | 2): Op {
  const outer = wire.enter();
  const operators: readonly string[] = arity === 1 ? UNARY_OPERATORS : BINARY_OPERATORS;
  let seen = 0;
  let operator = '';
  let name: string | undefined;
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field <= 2) seen = wire.once(seen);
    if (field === 1) operator = operators[wire.enumeration(operators.length)] ?? '';
    else if (field === 2) name = wire.symbol(wire.uint64());
    else wire.skip();
  }
  wire.require(seen, 0b10, arity === 1 ? 'OpUnary' : 'OpBinary');
  wire.leave(outer);
  if (operator === 'extern') {
    wire.needs(BLOCK_VERSION_3_3, 'extern functions');
    if (name === undefined) wire.fail('a call of an extern function without a name');
    return { kind: 'extern', arity, name: name ?? '' };
  }
  return arity === 1
    ? unary(wire, operator as UnaryOperator)
    : binary(wire, operator as BinaryOperator);
}

function unary(wire: BlockWire, operator: UnaryOperator): Op {
  wire.needs(operatorVersion(operator), operator);
  return { kind: 'unary', operator };
}

function binary(wire: BlockWire, operator: BinaryOperator): Op {
  wire.needs(operatorVersion(operator), operator);
  return { kind: 'binary', operator };
}

function readClosure(wire: BlockWire, depth: number): Op {
  wire.needs(BLOCK_VERSION_3_3, 'closures');
  if (depth > wire.limits.closureDepthMax) wire.fail(exceeded('closureDepthMax', wire.limits));
  const outer = wire.enter();
  const params: number[] = [];
  const ops: Op[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) wire.uint32s(params);
    else if (field === 2) ops.push(readOp(wire, depth));
    else wire.skip();
  }
  wire.leave(outer);
  return { kind: 'closure', params: params.map((id) => wire.symbol(id)), ops };
}
