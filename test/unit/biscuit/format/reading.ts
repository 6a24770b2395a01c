import { parseBlock } from '../../../../src/biscuit/datalog/index.ts';
import {
  type BlockSource,
  EMPTY_TABLES,
  readBlock,
  readTables,
  type Tables,
} from '../../../../src/biscuit/format/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../../src/biscuit/limits.ts';
import { type BlockParts, block, predicate, symbol } from '../../../forge/index.ts';
import { good } from '../answers.ts';

type How = {
  before?: Tables;
  limits?: Partial<Limits>;
  isThirdParty?: boolean;
  blockId?: number;
};

export function read(payload: Uint8Array, how: How = {}) {
  const { before = EMPTY_TABLES, isThirdParty = false, blockId = 0 } = how;
  const limits = { ...DEFAULT_LIMITS, ...how.limits };
  const source: BlockSource = { payload, blockId, isThirdParty };
  const tables = readTables(source, before, limits);
  return tables.ok ? readBlock(source, tables.value.own, limits) : tables;
}

export const tablesOf = (...payloads: readonly Uint8Array[]) =>
  payloads.reduce<Tables>(
    (before, payload, blockId) =>
      good(readTables({ payload, blockId, isThirdParty: false }, before, DEFAULT_LIMITS)).next,
    EMPTY_TABLES,
  );

export const parse = (source: string) => good(parseBlock(source));
export const forged = (parts: BlockParts) => read(block(parts));
export const factOf = (...terms: readonly Uint8Array<ArrayBuffer>[]): BlockParts => ({
  symbols: ['a', 'b'],
  version: 6,
  facts: [predicate(symbol(0), ...terms)],
});
