/**
 * Third-party blocks (SPECIFICATIONS.md, "Appending a third-party block"): the holder sends a
 * request, the third party signs a block without seeing the token, and the holder appends it.
 */
import { ok, type Result, refuse } from '../../result.ts';
import type { BlockSigner } from '../crypto/index.ts';
import type { Block } from '../datalog/index.ts';
import type { BiscuitError } from '../errors.ts';
import {
  readContents,
  readRequest,
  writeContents,
  writeRequest,
  writeThirdPartyBlock,
} from '../format/index.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { isExternalValid } from './chain.ts';
import { type AnyToken, append, lastBlock, unverified } from './mint.ts';
import { externalPayload } from './payload.ts';
import { readInput, UnverifiedToken } from './unverified.ts';

/**
 * Writes the message `ThirdPartyBlockRequest`, which contains the token's last revocation id only.
 */
export function createThirdPartyRequest(
  token: AnyToken,
): Result<Uint8Array<ArrayBuffer>, BiscuitError> {
  const { envelope } = UnverifiedToken.inside(unverified(token));
  if (envelope.proof.kind === 'signature') return refuse({ code: 'append_on_sealed' });
  return ok(writeRequest(lastBlock(envelope).signature));
}

/**
 * For the third party: binds `block` to the request with its own key and returns the message
 * `ThirdPartyBlockContents`. `request` is bytes or base64url.
 */
export async function signThirdPartyBlock(
  request: Uint8Array | string,
  key: BlockSigner,
  block: Block,
  limits: Limits = DEFAULT_LIMITS,
): Promise<Result<Uint8Array<ArrayBuffer>, BiscuitError>> {
  const bytes = readInput(request, checkLimits(limits));
  if (!bytes.ok) return bytes;
  const previous = readRequest(bytes.value, limits);
  if (!previous.ok) return previous;
  const payload = writeThirdPartyBlock(block);
  const signature = await key.sign(externalPayload(payload, previous.value));
  return ok(writeContents({ payload, external: { signature, publicKey: await key.publicKey() } }));
}

/**
 * For the holder: verifies the third party's signature against this token, then appends the block.
 * The key that signed is in the new block's `externalKey`. Checks and policies decide whether to
 * trust it.
 */
export async function appendThirdPartyBlock(
  token: AnyToken,
  contents: Uint8Array | string,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  const { envelope, limits } = UnverifiedToken.inside(unverified(token));
  const bytes = readInput(contents, limits);
  if (!bytes.ok) return bytes;
  const read = readContents(bytes.value, limits);
  if (!read.ok) return read;
  const { payload, external } = read.value;
  const isValid = await isExternalValid(payload, external, lastBlock(envelope).signature);
  if (!isValid)
    return refuse({ code: 'external_signature_invalid', blockId: envelope.blocks.length });
  return append(token, { payload, external });
}
