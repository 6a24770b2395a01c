/**
 * The symbol table and the key table of a token (SPECIFICATIONS.md, "Symbol table", "Public key
 * tables"): which number stands for which string and which key, block by block.
 */

import { ok, type Result, refuse } from '../../result.ts';
import type { PublicKey } from '../datalog/index.ts';
import type { BiscuitError, LimitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { readPublicKey, samePublicKey } from './public-key.ts';
import { type Fault, WireReader } from './wire-reader.ts';

/** Numbers 0 to 27, in this order for ever. */
export const DEFAULT_SYMBOLS: readonly string[] = (
  'read write resource operation right time role owner tenant namespace user team service admin ' +
  'email group member ip_address client client_ip domain path version cluster node hostname nonce ' +
  'query'
).split(' ');

/** Numbers below it are reserved for the defaults. */
export const FIRST_TOKEN_SYMBOL = 1024;

const DEFAULTS: ReadonlyMap<string, number> = new Map(
  DEFAULT_SYMBOLS.map((name, id) => [name, id]),
);

export const defaultSymbol = (name: string): number | undefined => DEFAULTS.get(name);

export type Tables = {
  /** Symbol `FIRST_TOKEN_SYMBOL + i`. */
  readonly symbols: readonly string[];
  readonly keys: readonly PublicKey[];
  /**
   * The same symbols as sets, one for each block that added some: looking a new symbol up in a few
   * sets is cheaper than copying one set for each block, and bounded, as `includes` is not.
   */
  readonly layers: readonly ReadonlySet<string>[];
  /** What the token declared so far, third-party blocks included; this is what is limited. */
  readonly declaredSymbols: number;
  readonly declaredKeys: number;
};

export const EMPTY_TABLES: Tables = {
  symbols: [],
  keys: [],
  layers: [],
  declaredSymbols: 0,
  declaredKeys: 0,
};

export type BlockTables = {
  /** What this block itself declares. */
  readonly symbols: readonly string[];
  readonly keys: readonly PublicKey[];
  /** With which this block is read. */
  readonly own: Tables;
  /** With which the next block of the token begins. */
  readonly next: Tables;
};

/** What a block's message says of its tables, and what else its reader needs to know of it. */
export type BlockSource = {
  readonly payload: Uint8Array;
  readonly blockId: number;
  readonly isThirdParty: boolean;
};

/**
 * Reads the two tables of one block's message and skips the rest. `before` comes from the block in
 * front of it; a third-party block neither sees it nor adds to it.
 */
export function readTables(
  { payload, blockId, isThirdParty }: BlockSource,
  before: Tables,
  limits: Limits,
): Result<BlockTables, BiscuitError> {
  const wire = new WireReader(payload);
  const symbols: string[] = [];
  const keys: PublicKey[] = [];
  for (let field = wire.next(); field !== 0; field = wire.next()) {
    if (field === 1) symbols.push(wire.text());
    else if (field === 8) keys.push(readPublicKey(wire));
    else wire.skip();
  }
  const declaredSymbols = before.declaredSymbols + symbols.length;
  const declaredKeys = before.declaredKeys + keys.length;
  if (declaredSymbols > limits.symbolsMax) wire.fail(exceeded('symbolsMax', limits));
  if (declaredKeys > limits.publicKeysMax) wire.fail(exceeded('publicKeysMax', limits));
  const base = isThirdParty ? EMPTY_TABLES : before;
  if (symbols.some((symbol) => DEFAULTS.has(symbol) || base.layers.some((one) => one.has(symbol))))
    wire.fail({ code: 'symbol_table_overlap', blockId });
  const allKeys = [...base.keys, ...keys];
  if (hasRepeatedKey(allKeys, base.keys.length))
    wire.fail({ code: 'public_key_table_overlap', blockId });
  if (wire.fault !== undefined) return refuse(blockError(wire.fault, blockId));
  const own = {
    symbols: [...base.symbols, ...symbols],
    keys: allKeys,
    layers: symbols.length === 0 ? base.layers : [...base.layers, new Set(symbols)],
    declaredSymbols,
    declaredKeys,
  };
  const next = isThirdParty ? { ...before, declaredSymbols, declaredKeys } : own;
  return ok({ symbols, keys, own, next });
}

export const exceeded = (limit: keyof Limits, limits: Limits): LimitError => ({
  code: 'limit_exceeded',
  limit,
  maximum: limits[limit],
});

export const blockError = (fault: Fault, blockId: number): BiscuitError =>
  typeof fault === 'string' ? { code: 'block_malformed', blockId, detail: fault } : fault;

const hasRepeatedKey = (keys: readonly PublicKey[], from: number): boolean =>
  keys.slice(from).some((key, at) => keys.slice(0, from + at).some((k) => samePublicKey(k, key)));
