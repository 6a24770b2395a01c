/** Builds tokens that no builder would make, byte by byte, and dissects existing ones. */
export { anatomyOf, type BlockAnatomy } from './anatomy.ts';
export {
  BINARY,
  type BlockParts,
  type Body,
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
  blockPayload,
  externalPayload,
  type ForgedBlock,
  type ForgedToken,
  forgeToken,
  nextSeed,
  type Signer,
  signerOf,
} from './token.ts';
export { type Bytes, bytes, type Field, int, readFields, varint } from './wire.ts';
