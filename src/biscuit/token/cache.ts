/**
 * What has been verified once: whole tokens by their text, and block chains from their beginning by
 * their exact bytes. It holds verification and decoding, never a decision: time, revocation, facts
 * and checks belong to a request.
 *
 * A chain is known when every byte of every signed block in it is, behind the same root key and
 * with the same limits. A signature alone would not do as a key: put in front of other bytes, it
 * would vouch for them. So four bytes of it only say where to look, and all bytes are compared.
 * Only what verified whole, with its proof, comes in; and a chain that is found says nothing of the
 * proof at its end, which is checked unless the very token was found.
 *
 * Most tokens are a step's and come once. So of a token that is new only the chain before its last
 * block comes in, which is what the steps of a workflow share, and the whole of it when it comes
 * again: keeping 13 kB for each step cost more than it saved (docs/explanation/performance.md).
 */
import { type Members, numberFrom, readOptions } from '../../options.ts';
import { keepImport } from '../crypto/index.ts';
import type { PublicKey } from '../datalog/index.ts';
import { type SignedBlock, sameBytes, samePublicKey } from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { DecodedBlock } from './blocks.ts';
import { BoundedMap, type Bounds } from './bounded-map.ts';
import type { VerifiedToken } from './verified.ts';

/** Of each of the two maps. A hot set of workflows, in a small part of a 128 MB isolate. */
export const DEFAULT_CACHE_BOUNDS: Bounds = Object.freeze({
  entriesMax: 2_048,
  bytesMax: 16_777_216,
});

/**
 * Heap for a byte of a signed block, decoded, and for a character of a token, so that the bounds
 * are bounds of memory. Measured in Node 24: 26 kB for a token of three blocks and 1,022 bytes,
 * which these count as 41 kB.
 */
const HEAP_BYTES_PER_BYTE = 30;
const HEAP_BYTES_PER_CHARACTER = 8;

/** One more verified block behind those of a chain. */
export type Link = {
  /** Never used twice, so that what hangs on a forgotten link is never found again. */
  readonly id: number;
  /** Of the link before it; 0 for an authority block. */
  readonly parent: number;
  /** The message `SignedBlock`. */
  readonly bytes: Uint8Array;
  /** Who signed the first block of the chain. */
  readonly rootKey: PublicKey;
  readonly block: DecodedBlock;
  /** Who signs the next one; kept, because the key's import is kept with it. */
  readonly nextKey: PublicKey;
};

export class ChainCache {
  readonly #limits: Limits;
  readonly #tokens: BoundedMap<string, VerifiedToken>;
  readonly #links: BoundedMap<number, Link>;
  /** Places of the last blocks of tokens that verified lately. A place decides nothing but this. */
  readonly #seen: BoundedMap<number, true>;
  #lastId = 0;

  constructor(bounds: Bounds, limits: Limits) {
    this.#limits = limits;
    this.#tokens = new BoundedMap(bounds);
    this.#links = new BoundedMap(bounds);
    this.#seen = new BoundedMap(bounds);
  }

  /** Entries at present: whole tokens, and blocks of chains. */
  get size(): { readonly tokens: number; readonly blocks: number } {
    return { tokens: this.#tokens.size, blocks: this.#links.size };
  }

  clear(): void {
    this.#tokens.clear();
    this.#links.clear();
    this.#seen.clear();
  }

  /** The modules of this folder reach in here; the engine's door exports the class as a type. */
  static token(cache: ChainCache, text: string, limits: Limits): VerifiedToken | undefined {
    return cache.#limits === limits ? cache.#tokens.get(text) : undefined;
  }

  /** The longest known chain at the beginning of `blocks` under this root key. */
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
   * `signed` are the token's blocks, all of them verified, the proof as well; `known` the links
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

/** One cache for one set of limits: a token read with others is not looked up in it. */
export const createChainCache = (
  bounds: Bounds = DEFAULT_CACHE_BOUNDS,
  limits: Limits = DEFAULT_LIMITS,
): ChainCache =>
  new ChainCache(readOptions(bounds, 'createChainCache', BOUNDS), checkLimits(limits));

/** The beginning of the signature as a small integer; two blocks may well have one place. */
function placeOf({ signature }: SignedBlock): number {
  const high = ((signature[0] ?? 0) << 16) | ((signature[1] ?? 0) << 8) | (signature[2] ?? 0);
  return (high << 6) | ((signature[3] ?? 0) >> 2);
}
