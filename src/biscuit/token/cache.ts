/**
 * Caches what was verified once: whole tokens by their text, and prefixes of block chains by their
 * exact bytes. It caches verification and decoding, never a decision: time, revocation, facts and
 * checks belong to a request.
 *
 * A chain is known if every byte of every signed block is known, under the same root key and with
 * the same limits. A signature is not enough as a key: an attacker could put a known one in front
 * of other bytes. So four bytes of the signature only choose the slot, and all bytes are compared.
 * Only chains that verified completely, with their proof, are stored. Finding a chain proves
 * nothing about the proof at its end, which is checked again unless exactly this token was found.
 *
 * Most tokens belong to one step and are seen once. So for a new token only the chain before its
 * last block is stored, which the steps of a workflow share. The whole token is stored when it is
 * seen again: storing 13 kB per step cost more than it saved (docs/explanation/performance.md).
 */
import { sameBytes } from '../../encoding.ts';
import { type Members, numberFrom, readOptions } from '../../options.ts';
import { keepImport } from '../crypto/index.ts';
import type { PublicKey } from '../datalog/index.ts';
import { type SignedBlock, samePublicKey } from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { DecodedBlock } from './blocks.ts';
import { BoundedMap, type Bounds } from './bounded-map.ts';
import type { VerifiedToken } from './verified.ts';

/**
 * The bounds of each of the two maps: a hot set of workflows in a small part of a 128 MB isolate.
 */
export const DEFAULT_CACHE_BOUNDS: Bounds = Object.freeze({
  entriesMax: 2_048,
  bytesMax: 16_777_216,
});

/**
 * Estimated heap per byte of a signed block once decoded, and per character of a token, so that the
 * bounds limit memory. Measured in Node 24: 26 kB for a token of three blocks and 1,022 bytes,
 * which these estimates count as 41 kB.
 */
const HEAP_BYTES_PER_BYTE = 30;
const HEAP_BYTES_PER_CHARACTER = 8;

/** One more verified block after those of a chain. */
export type Link = {
  /** Never reused, so that the children of a dropped link are never found again. */
  readonly id: number;
  /** The id of the preceding link; 0 for an authority block. */
  readonly parent: number;
  /** The message `SignedBlock`. */
  readonly bytes: Uint8Array;
  /** The key that signed the first block of the chain. */
  readonly rootKey: PublicKey;
  readonly block: DecodedBlock;
  /** The key that signs the next block; stored, because its import is cached with it. */
  readonly nextKey: PublicKey;
};

/** Verified chains of blocks, so that a token is verified once. Made by `createChainCache`. */
export class ChainCache {
  readonly #limits: Limits;
  readonly #tokens: BoundedMap<string, VerifiedToken>;
  readonly #links: BoundedMap<number, Link>;
  /** Slots of the last blocks of recently verified tokens. They decide only what gets cached. */
  readonly #seen: BoundedMap<number, true>;
  #lastId = 0;

  constructor(bounds: Bounds, limits: Limits) {
    this.#limits = limits;
    this.#tokens = new BoundedMap(bounds);
    this.#links = new BoundedMap(bounds);
    this.#seen = new BoundedMap(bounds);
  }

  /** Current number of entries: whole tokens, and blocks of chains. */
  get size(): { readonly tokens: number; readonly blocks: number } {
    return { tokens: this.#tokens.size, blocks: this.#links.size };
  }

  clear(): void {
    this.#tokens.clear();
    this.#links.clear();
    this.#seen.clear();
  }

  /**
   * Only the modules of this folder use these methods; the engine's door exports the class as a
   * type.
   */
  static token(cache: ChainCache, text: string, limits: Limits): VerifiedToken | undefined {
    return cache.#limits === limits ? cache.#tokens.get(text) : undefined;
  }

  /** Returns the longest known chain at the start of `blocks` under this root key. */
  static chain(
    cache: ChainCache,
    rootKey: PublicKey,
    blocks: readonly SignedBlock[],
    limits: Limits,
  ): readonly Link[] {
    const found: Link[] = [];
    if (cache.#limits !== limits) return found;
    let parent = 0;
    for (const block of blocks) {
      const link = cache.#find(parent, block, rootKey);
      if (link === undefined) break;
      found.push(link);
      parent = link.id;
    }
    return found;
  }

  /**
   * Caches a token. `signed` are its blocks, all verified, as is the proof. `known` are the links
   * that were found for the first of them.
   */
  static store(
    cache: ChainCache,
    token: VerifiedToken,
    signed: readonly SignedBlock[],
    decoded: readonly DecodedBlock[],
    known: readonly Link[],
  ): void {
    if (cache.#limits !== token.limits) return;
    const { rootKey } = token;
    let parent = known.at(-1)?.id ?? 0;
    for (const [at, one] of signed.slice(known.length, -1).entries()) {
      const block = decoded[known.length + at];
      if (block === undefined) return;
      // Another request may have stored it while this one waited for its signatures.
      const link = cache.#find(parent, one, rootKey) ?? cache.#add(parent, one, rootKey, block);
      parent = link.id;
    }
    const last = signed.at(-1);
    if (last !== undefined && cache.#isSeenAgain(last))
      cache.#tokens.set(token.text, token, token.text.length * HEAP_BYTES_PER_CHARACTER);
  }

  #isSeenAgain(last: SignedBlock): boolean {
    const place = placeOf(last);
    if (this.#seen.get(place) === true) return true;
    this.#seen.set(place, true, 0);
    return false;
  }

  #find(parent: number, block: SignedBlock, rootKey: PublicKey): Link | undefined {
    const link = this.#links.get(placeOf(block));
    if (link === undefined || link.parent !== parent) return undefined;
    if (!sameBytes(link.bytes, block.bytes)) return undefined;
    return samePublicKey(link.rootKey, rootKey) ? link : undefined;
  }

  #add(parent: number, signed: SignedBlock, rootKey: PublicKey, block: DecodedBlock): Link {
    const bytes = new Uint8Array(signed.bytes);
    keepImport(signed.nextKey);
    const link = { id: ++this.#lastId, parent, bytes, rootKey, block, nextKey: signed.nextKey };
    this.#links.set(placeOf(signed), link, bytes.length * HEAP_BYTES_PER_BYTE);
    return link;
  }
}

const BOUNDS: Members<Bounds> = { entriesMax: numberFrom(0), bytesMax: numberFrom(0) };

/** Creates a cache for one set of limits. Tokens read with other limits are not looked up in it. */
export const createChainCache = (
  bounds: Bounds = DEFAULT_CACHE_BOUNDS,
  limits: Limits = DEFAULT_LIMITS,
): ChainCache =>
  new ChainCache(readOptions(bounds, 'createChainCache', BOUNDS), checkLimits(limits));

/** The first bits of the signature as a small integer. Two blocks can share a slot. */
function placeOf({ signature }: SignedBlock): number {
  const high = ((signature[0] ?? 0) << 16) | ((signature[1] ?? 0) << 8) | (signature[2] ?? 0);
  return (high << 6) | ((signature[3] ?? 0) >> 2);
}
