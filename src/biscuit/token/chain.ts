/**
 * Verifies the chain of signatures. The root key signs the authority block, each block's next key
 * signs the following block, and the proof shows who may append (SPECIFICATIONS.md, "Verifying").
 */
import { privateKeyFromBytes, verifySignature } from '../crypto/index.ts';
import type { PublicKey } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import { type Envelope, type SignedBlock, samePublicKey } from '../format/index.ts';
import { blockPayload, externalPayload, sealPayload } from './payload.ts';

type Refusal = BiscuitError | undefined;

/** Verifies the signature of one block and, if it has one, the signature of its third party. */
async function checkBlock(
  blocks: readonly SignedBlock[],
  blockId: number,
  signer: PublicKey,
): Promise<Refusal> {
  const block = blocks[blockId];
  if (block === undefined) throw new RangeError(`no block ${blockId}`);
  const previous = blocks[blockId - 1]?.signature;
  // Start both before awaiting one; neither can reject.
  const external = checkExternal(block, previous);
  const verdict = await verifySignature(signer, blockPayload(block, previous), block.signature);
  if (verdict === 'malformed')
    return { code: 'signature_malformed', blockId, detail: `for ${signer.algorithm}` };
  if (verdict === 'invalid') return { code: 'signature_invalid', blockId };
  const isValid = typeof external === 'boolean' ? external : await external;
  return isValid ? undefined : { code: 'external_signature_invalid', blockId };
}

/** Also returns true if there is nothing to verify. */
function checkExternal(
  { payload, external }: SignedBlock,
  previous: Uint8Array | undefined,
): boolean | Promise<boolean> {
  if (external === undefined) return true;
  return previous !== undefined && isExternalValid(payload, external, previous);
}

export async function isExternalValid(
  payload: Uint8Array,
  { publicKey, signature }: NonNullable<SignedBlock['external']>,
  previous: Uint8Array,
): Promise<boolean> {
  const signed = externalPayload(payload, previous);
  return (await verifySignature(publicKey, signed, signature)) === 'valid';
}

/**
 * Verifies the proof. Without it a holder could cut off the last blocks: only someone who received
 * the chain at this length has the secret of its end. The public key is derived from the secret and
 * compared, because not every platform refuses a JWK whose two halves do not match.
 */
async function checkProof({ blocks, proof }: Envelope): Promise<Refusal> {
  const last = blocks.at(-1);
  if (last === undefined) throw new RangeError('a token without blocks');
  if (proof.kind === 'signature') {
    const verdict = await verifySignature(last.nextKey, sealPayload(last), proof.bytes);
    return verdict === 'valid' ? undefined : { code: 'seal_invalid' };
  }
  const secret = privateKeyFromBytes(last.nextKey.algorithm, proof.bytes);
  if (!secret.ok) return secret.error;
  const derived = await secret.value.publicKey();
  return samePublicKey(derived, last.nextKey) ? undefined : { code: 'proof_key_mismatch' };
}

/**
 * Verifies the blocks from `first` on, the first of which `signer` signed, and the proof. The first
 * block is awaited on its own, so that a forger without a token of ours costs one verification. The
 * others run concurrently.
 */
export async function checkChain(
  envelope: Envelope,
  first: number,
  signer: PublicKey,
): Promise<Refusal> {
  const { blocks } = envelope;
  if (first < blocks.length) {
    const refusal = await checkBlock(blocks, first, signer);
    if (refusal !== undefined) return refusal;
  }
  const pending: Promise<Refusal>[] = [];
  for (let blockId = first + 1; blockId < blocks.length; blockId++)
    pending.push(checkBlock(blocks, blockId, blocks[blockId - 1]?.nextKey ?? signer));
  pending.push(checkProof(envelope));
  return (await Promise.all(pending)).find((refusal) => refusal !== undefined);
}
