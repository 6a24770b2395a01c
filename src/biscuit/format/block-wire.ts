/** A wire reader that knows the tables and limits of one block. */
import type { Int64, PublicKey } from '../datalog/index.ts';
import type { Limits } from '../limits.ts';
import { DEFAULT_SYMBOLS, exceeded, FIRST_TOKEN_SYMBOL, type Tables } from './tables.ts';
import { BLOCK_VERSION_MIN } from './versions.ts';
import { WireReader } from './wire-reader.ts';

/** Placeholder after a fault. Wherever it is used, a fault has been recorded. */
const NO_KEY: PublicKey = { algorithm: 'ed25519', bytes: new Uint8Array(0) };

export class BlockWire extends WireReader {
  readonly limits: Limits;
  readonly #tables: Tables;
  #needed = BLOCK_VERSION_MIN;
  #feature = '';

  constructor(payload: Uint8Array, tables: Tables, limits: Limits) {
    super(payload);
    this.limits = limits;
    this.#tables = tables;
  }

  /**
   * The lowest block version that supports every feature read so far, and the feature that requires
   * it.
   */
  get needed(): { readonly version: number; readonly feature: string } {
    return { version: this.#needed, feature: this.#feature };
  }

  needs(version: number, feature: string): void {
    if (version <= this.#needed) return;
    this.#needed = version;
    this.#feature = feature;
  }

  symbol(id: Int64): string {
    if (typeof id === 'number') {
      const { symbols } = this.#tables;
      const name = id < FIRST_TOKEN_SYMBOL ? DEFAULT_SYMBOLS[id] : symbols[id - FIRST_TOKEN_SYMBOL];
      if (name !== undefined) return name;
    }
    this.fail({ code: 'symbol_unknown', symbolId: id });
    return '';
  }

  key(id: Int64): PublicKey {
    const key = typeof id === 'number' ? this.#tables.keys[id] : undefined;
    if (key === undefined) this.fail({ code: 'public_key_unknown', keyId: id });
    return key ?? NO_KEY;
  }

  /** Refuses a collection or predicate that exceeds the limit. */
  checkItems(count: number): void {
    if (count > this.limits.collectionItemsMax)
      this.fail(exceeded('collectionItemsMax', this.limits));
  }
}
