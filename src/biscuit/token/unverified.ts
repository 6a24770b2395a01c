/**
 * A token that has not been verified. It can be inspected, narrowed, sealed and passed on. It has
 * another type than a verified token, and nothing that authorizes accepts it.
 */
import { fromBase64Url, toBase64Url } from '../../encoding.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type PrivateKey, privateKeyFromBytes } from '../crypto/index.ts';
import { type LoadedBlock, type PublicKey, printBlock } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import { type Envelope, exceeded, readEnvelope, type Tables } from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { type DecodedBlock, decodeBlocks, tablesAfter } from './blocks.ts';

/**
 * One block for inspection. `LoadedBlock` has its Datalog and the key of the third party, if any.
 */
export type BlockView = LoadedBlock & {
  /**
   * The symbols that the block adds to the token's tables, or to its own if it is a third party's.
   */
  readonly symbols: readonly string[];
  readonly publicKeys: readonly PublicKey[];
  /** The Datalog as text. */
  readonly source: string;
};

/** What the other modules of this folder need; not exported from the engine's door. */
export type Inside = { readonly envelope: Envelope; readonly limits: Limits };

/**
 * A parsed token whose signatures have not been verified. It can be read, narrowed and sealed, but
 * not authorized.
 */
export class UnverifiedToken {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #inside: Inside;
  #text: string | undefined;
  #decoded: readonly DecodedBlock[] = [];
  #tables: Result<Tables, BiscuitError> | undefined;
  #secret: Result<PrivateKey, BiscuitError> | undefined;

  /** Use `parseToken`. */
  constructor(bytes: Uint8Array<ArrayBuffer>, inside: Inside, text?: string) {
    this.#bytes = bytes;
    this.#inside = inside;
    this.#text = text;
  }

  /** The engine's own view of a token, for the modules of this folder. */
  static inside(token: UnverifiedToken): Inside {
    return token.#inside;
  }

  static tables(token: UnverifiedToken): Result<Tables, BiscuitError> {
    const { envelope, limits } = token.#inside;
    token.#tables ??= tablesAfter(envelope.blocks, limits);
    return token.#tables;
  }

  /** The key of the proof, kept so that narrowing twice imports it once. Undefined if sealed. */
  static secret(token: UnverifiedToken): Result<PrivateKey, BiscuitError> | undefined {
    const { blocks, proof } = token.#inside.envelope;
    const last = blocks.at(-1);
    if (proof.kind === 'signature' || last === undefined) return undefined;
    token.#secret ??= privateKeyFromBytes(last.nextKey.algorithm, proof.bytes);
    return token.#secret;
  }

  static decode(
    token: UnverifiedToken,
    count: number,
    known: readonly DecodedBlock[],
  ): Result<readonly DecodedBlock[], BiscuitError> {
    const { envelope, limits } = token.#inside;
    const start = known.length > token.#decoded.length ? known : token.#decoded;
    const decoded = decodeBlocks(envelope.blocks, count, start, limits);
    if (decoded.ok) token.#decoded = decoded.value;
    return decoded;
  }

  /** Returns a copy. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice();
  }

  /** base64url without padding. A token has exactly one text, whatever text it was parsed from. */
  get text(): string {
    this.#text ??= toBase64Url(this.#bytes);
    return this.#text;
  }

  /** A hint for choosing the root key. No signature covers it. */
  get rootKeyId(): number | undefined {
    return this.#inside.envelope.rootKeyId;
  }

  /** Includes the authority block. */
  get blockCount(): number {
    return this.#inside.envelope.blocks.length;
  }

  /** A sealed token cannot be narrowed. */
  get isSealed(): boolean {
    return this.#inside.envelope.proof.kind === 'signature';
  }

  /** One id per block, the authority block first: the block's signature (copies). */
  get revocationIds(): readonly Uint8Array<ArrayBuffer>[] {
    return this.#inside.envelope.blocks.map(({ signature }) => new Uint8Array(signature));
  }

  /** Decodes all blocks up to this one. Throws a RangeError if the token has no such block. */
  block(blockId: number): Result<BlockView, BiscuitError> {
    const decoded = UnverifiedToken.decode(this, blockId + 1, []);
    if (!decoded.ok) return decoded;
    const one = decoded.value[blockId];
    if (one === undefined) throw new RangeError(`no block ${blockId}`);
    const { symbols, keys } = one.tables;
    return ok({
      block: one.block,
      externalKey: one.externalKey,
      externalSignature: one.externalSignature,
      symbols,
      publicKeys: keys,
      source: printBlock(one.block),
    });
  }
}

/**
 * Parses a token from its bytes or from base64url (with or without padding, nothing around it).
 * Checks the structure of the outer message and the version rules. Verifies no signature. The
 * blocks' Datalog is decoded on demand.
 *
 * @example
 * ```ts
 * import { parseToken } from 'hewn/biscuit';
 *
 * const parsed = parseToken(token);
 * if (parsed.ok) console.log(parsed.value.blockCount);
 * ```
 */
export function parseToken(
  input: Uint8Array | string,
  limits: Limits = DEFAULT_LIMITS,
): Result<UnverifiedToken, BiscuitError> {
  checkLimits(limits);
  const bytes = readInput(input, limits);
  if (!bytes.ok) return bytes;
  const envelope = readEnvelope(bytes.value, limits);
  if (!envelope.ok) return envelope;
  const isCanonical = typeof input === 'string' && !input.endsWith('=');
  const inside = { envelope: envelope.value, limits };
  return ok(new UnverifiedToken(bytes.value, inside, isCanonical ? input : undefined));
}

/** Returns a copy, so that no one can change the bytes after they were checked. */
export function readInput(
  input: Uint8Array | string,
  limits: Limits,
): Result<Uint8Array<ArrayBuffer>, BiscuitError> {
  // Check the size before copying or decoding anything: four characters are three bytes.
  const bytesAtLeast = typeof input === 'string' ? (input.length * 3) / 4 - 2 : input.length;
  if (bytesAtLeast > limits.tokenBytesMax) return refuse(exceeded('tokenBytesMax', limits));
  const bytes = typeof input === 'string' ? fromBase64Url(input) : new Uint8Array(input);
  return bytes === undefined ? refuse({ code: 'base64_invalid' }) : ok(bytes);
}
