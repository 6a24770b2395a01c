/** Mints a token from the same plan with our own engine. */

import type { BiscuitError } from '../../src/biscuit/errors.ts';
import {
  appendThirdPartyBlock,
  type Block,
  createThirdPartyRequest,
  mint,
  narrow,
  parseBlock,
  privateKeyFromText,
  seal,
  signThirdPartyBlock,
  type UnverifiedToken,
} from '../../src/biscuit/index.ts';
import { ok, type Result } from '../../src/result.ts';
import type { BlockPlan, TokenPlan } from '../reference/index.ts';

async function append(
  token: UnverifiedToken,
  block: Block,
  signedBy: string | undefined,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  if (signedBy === undefined) return narrow(token, block);
  const secret = privateKeyFromText(signedBy);
  if (!secret.ok) return secret;
  const request = createThirdPartyRequest(token);
  if (!request.ok) return request;
  const contents = await signThirdPartyBlock(request.value, secret.value, block);
  return contents.ok ? appendThirdPartyBlock(token, contents.value) : contents;
}

/** `rootSecret`: `ed25519-private/…`. */
export async function mintWithEngine(
  rootSecret: string,
  plan: TokenPlan,
): Promise<Result<UnverifiedToken, BiscuitError>> {
  const rootKey = privateKeyFromText(rootSecret);
  if (!rootKey.ok) return rootKey;
  const [authority, ...others]: readonly BlockPlan[] = plan.blocks;
  const block = parseBlock(authority?.code ?? '');
  if (!block.ok) return block;
  const { rootKeyId } = plan;
  const minted = await mint({
    rootKey: rootKey.value,
    block: block.value,
    ...(rootKeyId !== undefined && { rootKeyId }),
  });
  if (!minted.ok) return minted;
  let token = minted.value;
  for (const { code, signedBy } of others) {
    const parsed = parseBlock(code);
    if (!parsed.ok) return parsed;
    const next = await append(token, parsed.value, signedBy);
    if (!next.ok) return next;
    token = next.value;
  }
  return plan.sealed === true ? seal(token) : ok(token);
}
