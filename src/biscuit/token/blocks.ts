/** Decodes the blocks of a chain to Datalog, each once, with the tables of the preceding blocks. */
import { ok, type Result } from '../../result.ts';
import type { LoadedBlock } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import {
  type BlockSource,
  type BlockTables,
  EMPTY_TABLES,
  readBlock,
  readTables,
  type SignedBlock,
  type Tables,
} from '../format/index.ts';
import type { Limits } from '../limits.ts';

export type DecodedBlock = LoadedBlock & { readonly tables: BlockTables };

const sourceOf = (
  { payload, external }: Pick<SignedBlock, 'payload' | 'external'>,
  blockId: number,
): BlockSource => ({
  payload,
  blockId,
  isThirdParty: external !== undefined,
});

export function decodeBlock(
  signed: Pick<SignedBlock, 'payload' | 'external'>,
  blockId: number,
  before: Tables,
  limits: Limits,
): Result<DecodedBlock, BiscuitError> {
  const source = sourceOf(signed, blockId);
  const tables = readTables(source, before, limits);
  if (!tables.ok) return tables;
  const block = readBlock(source, tables.value.own, limits);
  if (!block.ok) return block;
  const decoded = { block: block.value, tables: tables.value };
  const { external } = signed;
  return ok(
    external === undefined
      ? decoded
      : {
          ...decoded,
          externalKey: external.publicKey,
          // A copy: a view would keep the bytes of the whole token in the cache.
          externalSignature: external.signature.slice(),
        },
  );
}

/** Decodes the first `count` blocks. Does not decode those in `known` again. */
export function decodeBlocks(
  signed: readonly SignedBlock[],
  count: number,
  known: readonly DecodedBlock[],
  limits: Limits,
): Result<readonly DecodedBlock[], BiscuitError> {
  const decoded = [...known];
  for (const block of signed.slice(known.length, count)) {
    const before = decoded.at(-1)?.tables.next ?? EMPTY_TABLES;
    const next = decodeBlock(block, decoded.length, before, limits);
    if (!next.ok) return next;
    decoded.push(next.value);
  }
  return ok(decoded);
}

/** Returns the tables after the last block, without decoding the Datalog. */
export function tablesAfter(
  signed: readonly SignedBlock[],
  limits: Limits,
): Result<Tables, BiscuitError> {
  let tables = EMPTY_TABLES;
  for (const [blockId, block] of signed.entries()) {
    const read = readTables(sourceOf(block, blockId), tables, limits);
    if (!read.ok) return read;
    tables = read.value.next;
  }
  return ok(tables);
}
