/**
 * Writes the message of one block: numbers its symbols and keys, and tracks the version it needs.
 */
import type { PublicKey } from '../datalog/index.ts';
import { samePublicKey } from './public-key.ts';
import { defaultSymbol, FIRST_TOKEN_SYMBOL, type Tables } from './tables.ts';
import { BLOCK_VERSION_MIN } from './versions.ts';
import { WireWriter } from './wire-writer.ts';

export class BlockDraft extends WireWriter {
  /** Symbols that this block adds to the inherited tables. */
  readonly symbols: string[] = [];
  readonly keys: PublicKey[] = [];
  readonly #before: Tables;
  /** Symbol numbers of the names seen so far. */
  readonly #numbers = new Map<string, number>();
  #version = BLOCK_VERSION_MIN;

  constructor(before: Tables) {
    super();
    this.#before = before;
  }

  get version(): number {
    return this.#version;
  }

  needs(version: number): void {
    if (version > this.#version) this.#version = version;
  }

  symbol(name: string): number {
    let id = this.#numbers.get(name);
    if (id === undefined) {
      id = defaultSymbol(name) ?? this.#tokenSymbol(name);
      this.#numbers.set(name, id);
    }
    return id;
  }

  #tokenSymbol(name: string): number {
    const { symbols } = this.#before;
    const at = symbols.indexOf(name);
    if (at >= 0) return FIRST_TOKEN_SYMBOL + at;
    this.symbols.push(name);
    return FIRST_TOKEN_SYMBOL + symbols.length + this.symbols.length - 1;
  }

  key(key: PublicKey): number {
    const keys = [...this.#before.keys, ...this.keys];
    const known = keys.findIndex((one) => samePublicKey(one, key));
    if (known >= 0) return known;
    this.keys.push(key);
    return keys.length;
  }
}
