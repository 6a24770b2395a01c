/** Builds tokens that no builder would make, byte by byte, and dissects existing ones. */
export { anatomyOf } from './anatomy.ts';
export {
  BINARY,
  type BlockParts,
  block,
  CHECK_KIND,
  check,
  DEFAULT_SYMBOL,
  op,
  predicate,
  rule,
  scope,
  symbol,
  term,
  UNARY,
} from './block.ts';
export {
  type ForgedBlock,
  type ForgedToken,
  forgeToken,
  signerOf,
} from './token.ts';
export { type Bytes, bytes, type Field, int, readFields, varint } from './wire.ts';
