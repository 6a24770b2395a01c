/** Writes expressions to the wire. */
import { BINARY_OPERATORS, type Expression, type Op, UNARY_OPERATORS } from '../datalog/index.ts';
import type { BlockDraft } from './block-draft.ts';
import { writeTerm } from './term-writer.ts';
import { BLOCK_VERSION_3_3, operatorVersion } from './versions.ts';

const UNARY_EXTERN = UNARY_OPERATORS.indexOf('extern');
const BINARY_EXTERN = BINARY_OPERATORS.indexOf('extern');

export function writeExpression(draft: BlockDraft, field: number, ops: Expression): void {
  draft.message(field, () => {
    for (const op of ops) writeOp(draft, 1, op);
  });
}

function writeOp(draft: BlockDraft, field: number, op: Op): void {
  draft.message(field, () => {
    switch (op.kind) {
      case 'value':
        return writeTerm(draft, 1, op.term);
      case 'unary':
        draft.needs(operatorVersion(op.operator));
        return draft.message(2, () => draft.uint32(1, UNARY_OPERATORS.indexOf(op.operator)));
      case 'binary':
        draft.needs(op.operator === 'get' ? BLOCK_VERSION_3_3 : operatorVersion(op.operator));
        return draft.message(3, () => draft.uint32(1, BINARY_OPERATORS.indexOf(op.operator)));
      case 'extern':
        draft.needs(BLOCK_VERSION_3_3);
        return draft.message(op.arity + 1, () => {
          draft.uint32(1, op.arity === 1 ? UNARY_EXTERN : BINARY_EXTERN);
          draft.uint32(2, draft.symbol(op.name));
        });
      case 'closure':
        draft.needs(BLOCK_VERSION_3_3);
        return draft.message(4, () => {
          for (const param of op.params) draft.uint32(1, draft.symbol(param));
          for (const inner of op.ops) writeOp(draft, 2, inner);
        });
    }
  });
}
