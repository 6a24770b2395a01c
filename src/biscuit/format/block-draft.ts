/** The writer of one block's message: it numbers symbols and keys, and notes the version needed. */
import type { PublicKey } from '../datalog/ast.ts';
import { samePublicKey } from './public-key.ts';
import { defaultSymbol, FIRST_TOKEN_SYMBOL, type Tables } from './tables.ts';
import { BLOCK_VERSION_MIN } from './versions.ts';
import { WireWriter } from './wire-writer.ts';

export class BlockDraft extends WireWriter {
  /** What this block adds to the tables that it began with. */
  readonly symbols: string[] = [];
  readonly keys: PublicKey[] = [];
  readonly #before: Tables;
  readonly #numbers: Map<string, number>;
  #version = BLOCK_VERSION_MIN;

  constructor(before: Tables) {
    super();
    this.#before = before;
    this.#numbers = new Map(before.symbols.map((name, at) => [name, FIRST_TOKEN_SYMBOL + at]));
  }

  get version(): number {
    return this.#version;
  }

  needs(version: number): void {
    if (version > this.#version) this.#version = version;
  }

  symbol(name: string): number {
    const known = defaultSymbol(name) ?? this.#numbers.get(name);
    if (known !== undefined) return known;
    const id = FIRST_TOKEN_SYMBOL + this.#before.symbols.length + this.symbols.length;
    this.symbols.push(name);
    this.#numbers.set(name, id);
    return id;
  }

  key(key: PublicKey): number {
    const keys = [...this.#before.keys, ...this.keys];
    const known = keys.findIndex((one) => samePublicKey(one, key));
    if (known >= 0) return known;
    this.keys.push(key);
    return keys.length;
  }
}
