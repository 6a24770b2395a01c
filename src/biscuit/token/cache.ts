/**
 * What has been verified once: whole tokens by their text, and block chains from their beginning by
 * their exact bytes. It holds verification and decoding, never a decision: time, revocation, facts
 * and checks belong to a request.
 *
 * The key of a chain is every byte of every signed block in it, under the bytes of its root key,
 * under the same limits. (A signature alone would not do as a key: put in front of other bytes, it
 * would vouch for them.) Only what verified whole, with its proof, comes in; and a chain that is
 * found says nothing of the proof at its end, which is checked unless the whole token was found.
 */
import type { PublicKey } from '../datalog/index.ts';
import type { SignedBlock } from '../format/index.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { DecodedBlock } from './blocks.ts';
import { BoundedMap, type Bounds } from './bounded-map.ts';
import type { VerifiedToken } from './verified.ts';

/** Of each of the two maps. A hot set of workflows, in a small part of a 128 MB isolate. */
export const DEFAULT_CACHE_BOUNDS: Bounds = Object.freeze({
  entriesMax: 2_048,
  bytesMax: 16_777_216,
});

/** Heap for a byte of a block, decoded (measured: 20 to 40), so that the bound is one of memory. */
const HEAP_BYTES_PER_BYTE = 40;

/** One more verified block behind those of `parent`. */
type Link = {
  /** Never used twice, so that what hangs on a forgotten link is never found again. */
  readonly id: number;
  readonly block: DecodedBlock;
  /** Who signs the next one; kept, because the key's import is kept with it. */
  readonly nextKey: PublicKey;
};

export class ChainCache {
  readonly #limits: Limits;
  readonly #tokens: BoundedMap<VerifiedToken>;
  readonly #links: BoundedMap<Link>;
  #lastId = 0;

  constructor(bounds: Bounds, limits: Limits) {
    this.#limits = limits;
    this.#tokens = new BoundedMap(bounds);
    this.#links = new BoundedMap(bounds);
  }

  /** Entries at present: whole tokens, and blocks of chains. */
  get size(): { readonly tokens: number; readonly blocks: number } {
    return { tokens: this.#tokens.size, blocks: this.#links.size };
  }

  clear(): void {
    this.#tokens.clear();
    this.#links.clear();
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
    let parent = rootName(rootKey);
    for (const { bytes } of blocks) {
      const link = cache.#links.get(parent + latin1(bytes));
      if (link === undefined) break;
      found.push(link);
      parent = `${link.id}:`;
    }
    return found;
  }

  /** `signed` are the token's blocks, all of them verified, the proof as well. */
  static store(
    cache: ChainCache,
    token: VerifiedToken,
    signed: readonly SignedBlock[],
    decoded: readonly DecodedBlock[],
  ): void {
    if (cache.#limits !== token.limits) return;
    let parent = rootName(token.rootKey);
    for (const [blockId, { bytes, nextKey }] of signed.entries()) {
      const key = parent + latin1(bytes);
      const block = decoded[blockId];
      if (block === undefined) return;
      let link = cache.#links.get(key);
      if (link === undefined) {
        link = { id: ++cache.#lastId, block, nextKey };
        cache.#links.set(key, link, bytes.length * HEAP_BYTES_PER_BYTE);
      }
      parent = `${link.id}:`;
    }
    // The blocks are shared with the links; the token's own are its bytes and its text.
    cache.#tokens.set(token.text, token, 8 * token.text.length);
  }
}

export type { Link };

/** One cache for one set of limits: a token read with others is not looked up in it. */
export const createChainCache = (
  bounds: Bounds = DEFAULT_CACHE_BOUNDS,
  limits: Limits = DEFAULT_LIMITS,
): ChainCache => new ChainCache(bounds, limits);

const rootName = ({ algorithm, bytes }: PublicKey): string => `${algorithm}/${latin1(bytes)}`;

/** A character for a byte; more bytes than a call takes arguments go in pieces. */
function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}
