/**
 * Signs: mints a token, appends a block, seals. None of it needs the root public key, and only
 * minting needs anything that the token itself does not carry.
 */
import { integerFrom, type Members, object, optional, readOptions } from '../../options.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { generateKeyPair, type PrivateKey } from '../crypto/index.ts';
import type { Block } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import {
  BLOCK_VERSION_3_3,
  EMPTY_TABLES,
  type Envelope,
  exceeded,
  type SignedBlock,
  type Tables,
  writeBlock,
  writeEnvelope,
  writeSignedBlock,
} from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { decodeBlock } from './blocks.ts';
import { blockPayload, sealPayload } from './payload.ts';
import { UnverifiedToken } from './unverified.ts';
import { VerifiedToken } from './verified.ts';

/** A token in either state. Narrowing and sealing do not need a verified token. */
export type AnyToken = UnverifiedToken | VerifiedToken;

export const unverified = (token: AnyToken): UnverifiedToken =>
  token instanceof VerifiedToken ? token.unverified : token;

/** What is signed of a block before it has keys: its message and its third party's signature. */
type Content = Pick<SignedBlock, 'payload' | 'external'>;

/** What `mint` signs, and with which key. */
export type MintRequest = {
  readonly rootKey: PrivateKey;
  /** Unsigned 32-bit; a hint for verifiers that have several root keys. */
  readonly rootKeyId?: number;
  readonly block: Block;
  readonly limits?: Limits;
};

const REQUEST: Members<MintRequest> = {
  rootKey: object,
  rootKeyId: optional(integerFrom(0)),
  block: object,
  limits: optional(object),
};

/**
 * Mints a token of one block, the authority block. Refuses a block that a verifier with the same
 * limits would not read.
 *
 * @example
 * ```ts
 * import { generateKeyPair, mint, parseBlock, string } from 'hewn/biscuit';
 *
 * const root = await generateKeyPair();
 * const block = parseBlock('right({file}, "read")', { file: string('reports/q3.md') });
 * if (!block.ok) throw new Error(block.error.code);
 * const token = await mint({ rootKey: root.privateKey, block: block.value });
 * if (token.ok) console.log(token.value.text);
 * ```
 */
export async function mint(request: MintRequest): Promise<Result<UnverifiedToken, BiscuitError>> {
  const { rootKey, rootKeyId, block } = readOptions(request, 'mint', REQUEST);
  const limits = checkLimits(request.limits ?? DEFAULT_LIMITS);
  const payload = writeBlock(block, EMPTY_TABLES);
  const base = rootKeyId === undefined ? { blocks: [] } : { rootKeyId, blocks: [] };
  return signBlock(base, rootKey, { payload }, EMPTY_TABLES, limits);
}

/**
 * Returns the size of a block that is first in a token, without its keys and signatures (about
 * 170).
 */
export const blockBytes = (block: Block): number => writeBlock(block, EMPTY_TABLES).length;

/**
 * Appends a block. Any holder of the token can do this, and a block can only remove permissions.
 *
 * @example
 * ```ts
 * import { narrow, parseBlock, parseToken } from 'hewn/biscuit';
 *
 * const parsed = parseToken(token);
 * const block = parseBlock('check if operation("read")');
 * if (!parsed.ok || !block.ok) throw new Error('malformed');
 * const narrowed = await narrow(parsed.value, block.value);
 * if (narrowed.ok) console.log(narrowed.value.text);
 * ```
 */
export async function narrow(
  token: AnyToken,
  block: Block,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  const tables = UnverifiedToken.tables(unverified(token));
  return tables.ok ? append(token, { payload: writeBlock(block, tables.value) }) : tables;
}

/** Appends a block. `content.external`, if present, must be verified already. */
export async function append(
  token: AnyToken,
  content: Content,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  const { envelope, limits } = UnverifiedToken.inside(unverified(token));
  const tables = UnverifiedToken.tables(unverified(token));
  if (!tables.ok) return tables;
  const secret = UnverifiedToken.secret(unverified(token));
  if (secret === undefined) return refuse({ code: 'append_on_sealed' });
  return secret.ok ? signBlock(envelope, secret.value, content, tables.value, limits) : secret;
}

/**
 * Seals the token: replaces the secret by a signature, so that no block can be appended.
 *
 * @example
 * ```ts
 * import { parseToken, seal } from 'hewn/biscuit';
 *
 * const parsed = parseToken(token);
 * if (!parsed.ok) throw new Error(parsed.error.code);
 * const sealed = await seal(parsed.value);
 * if (sealed.ok) console.log(sealed.value.isSealed);
 * ```
 */
export async function seal(token: AnyToken): Promise<Result<UnverifiedToken, BiscuitError>> {
  const { envelope, limits } = UnverifiedToken.inside(unverified(token));
  const secret = UnverifiedToken.secret(unverified(token));
  if (secret === undefined) return refuse({ code: 'already_sealed' });
  if (!secret.ok) return secret;
  const bytes = await secret.value.sign(sealPayload(lastBlock(envelope)));
  return finish({ ...envelope, proof: { kind: 'signature', bytes } }, limits);
}

export function lastBlock({ blocks }: Pick<Envelope, 'blocks'>): SignedBlock {
  const last = blocks.at(-1);
  if (last === undefined) throw new RangeError('a token without blocks');
  return last;
}

/**
 * Signs a block that follows those of `base`. Decodes what it has written first, so that no one
 * signs or carries a block that every verifier would refuse. The next key is always Ed25519, as in
 * the reference.
 */
async function signBlock(
  base: Pick<Envelope, 'blocks' | 'rootKeyId'>,
  signer: PrivateKey,
  content: Content,
  tables: Tables,
  limits: Limits,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  const decoded = decodeBlock(content, base.blocks.length, tables, limits);
  if (!decoded.ok) return decoded;
  const next = await generateKeyPair();
  const version = signatureVersion(base.blocks, signer, decoded.value.block, content);
  const signable = { ...content, nextKey: next.publicKey, version };
  const signature = await signer.sign(blockPayload(signable, base.blocks.at(-1)?.signature));
  const block = writeSignedBlock({ ...signable, signature });
  const proof = { kind: 'secret', bytes: next.privateKey.toBytes() } as const;
  return finish({ ...base, blocks: [...base.blocks, block], proof }, limits);
}

/**
 * Returns the oldest version that this block may have, but none older than that of a preceding
 * block.
 */
function signatureVersion(
  before: readonly SignedBlock[],
  signer: PrivateKey,
  block: Block,
  content: Content,
): number {
  const isNewForm =
    content.external !== undefined ||
    (block.version ?? 0) >= BLOCK_VERSION_3_3 ||
    signer.algorithm !== 'ed25519';
  return isNewForm ? 1 : Math.max(0, ...before.map(({ version }) => version));
}

/** Refuses a token that exceeds the limits of its next reader. */
function finish(envelope: Envelope, limits: Limits): Result<UnverifiedToken, BiscuitError> {
  const bytes = writeEnvelope(envelope);
  if (bytes.length > limits.tokenBytesMax) return refuse(exceeded('tokenBytesMax', limits));
  if (envelope.blocks.length > limits.blocksMax) return refuse(exceeded('blocksMax', limits));
  return ok(new UnverifiedToken(bytes, { envelope, limits }));
}
