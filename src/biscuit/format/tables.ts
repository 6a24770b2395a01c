/**
 * The symbol table and the key table of a token (SPECIFICATIONS.md, "Symbol table", "Public key
 * tables"). They map numbers to strings and keys, block by block.
 */

import { ok, type Result, refuse } from '../../result.ts';
import type { PublicKey } from '../datalog/index.ts';
import type { BiscuitError, LimitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { readPublicKey, samePublicKey } from './public-key.ts';
import { type Fault, WireReader } from './wire-reader.ts';

/** Symbols 0 to 27. Their order is part of the format and never changes. */
export const DEFAULT_SYMBOLS: readonly string[] = (
  'read write resource operation right time role owner tenant namespace user team service admin ' +
  'email group member ip_address client client_ip domain path version cluster node hostname nonce ' +
  'query'
).split(' ');

/** Numbers below this one are reserved for the default symbols. */
export const FIRST_TOKEN_SYMBOL = 1024;

const DEFAULTS: ReadonlyMap<string, number> = new Map(
  DEFAULT_SYMBOLS.map((name, id) => [name, id]),
);

export const defaultSymbol = (name: string): number | undefined => DEFAULTS.get(name);

export type Tables = {
  /** Entry i is symbol `FIRST_TOKEN_SYMBOL + i`. */
  readonly symbols: readonly string[];
  readonly keys: readonly PublicKey[];
  /**
   * The same symbols as sets, one for each block that added some. Looking a symbol up in a few sets
   * is cheaper than copying one set per block, and unlike `includes` it is bounded.
   */
  readonly layers: readonly ReadonlySet<string>[];
  /** What the token has declared so far, third-party blocks included. The limits apply to this. */
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
  /** The symbols that this block itself declares. */
  readonly symbols: readonly string[];
  readonly keys: readonly PublicKey[];
  /** The tables by which this block is read. */
  readonly own: Tables;
  /** The tables with which the next block of the token starts. */
  readonly next: Tables;
};

/** The parts of a block's message that define its tables, and what its reader needs besides. */
export type BlockSource = {
  readonly payload: Uint8Array;
  readonly blockId: number;
  readonly isThirdParty: boolean;
};

/**
 * Reads the two tables of one block's message and skips the rest. `before` comes from the preceding
 * block. A third-party block neither sees those tables nor adds to them.
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
