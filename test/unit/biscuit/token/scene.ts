/** Tokens for the tests of this folder, made by the engine itself. */

import {
  type Envelope,
  readEnvelope,
  writeEnvelope,
} from '../../../../src/biscuit/format/index.ts';
import {
  type BiscuitError,
  type Block,
  type EvaluationInput,
  generateKeyPair,
  type KeyPair,
  mint,
  narrow,
  parseAuthorizer,
  parseBlock,
  parseToken,
  type RootKey,
  seal,
  type UnverifiedToken,
  type VerifyOptions,
  verifyToken,
} from '../../../../src/biscuit/index.ts';
import { DEFAULT_LIMITS } from '../../../../src/biscuit/limits.ts';
import type { Result } from '../../../../src/result.ts';
import { good } from '../answers.ts';

export const datalog = (source: string): Block => good(parseBlock(source));

export const allow: Pick<EvaluationInput, 'authorizer'> = {
  authorizer: good(parseAuthorizer('allow if true;')),
};

/** The same root key for every test of a run. */
export const root: KeyPair = await generateKeyPair();
export const stranger: KeyPair = await generateKeyPair();

/** Mints a token with one block for each source. */
export async function tokenOf(
  authority: string,
  ...blocks: readonly string[]
): Promise<UnverifiedToken> {
  let token = good(await mint({ rootKey: root.privateKey, block: datalog(authority) }));
  for (const source of blocks) token = good(await narrow(token, datalog(source)));
  return token;
}

export const sealed = async (token: UnverifiedToken): Promise<UnverifiedToken> =>
  good(await seal(token));

/** Returns a token with its outer message changed and no signature renewed. */
export function altered(
  token: UnverifiedToken,
  change: (envelope: Envelope) => Envelope,
): UnverifiedToken {
  const envelope = good(readEnvelope(token.bytes, DEFAULT_LIMITS));
  return good(parseToken(writeEnvelope(change(envelope))));
}

/** Returns the code of the refusal, or `verified`. */
export async function verdict(
  input: Uint8Array | string | UnverifiedToken,
  keys: Parameters<typeof verifyToken>[1] | readonly RootKey[] = root.publicKey,
  options: VerifyOptions = {},
): Promise<string> {
  const isBytes = typeof input === 'string' || input instanceof Uint8Array;
  const token: Result<UnverifiedToken, BiscuitError> = isBytes
    ? parseToken(input)
    : { ok: true, value: input };
  const answer = token.ok ? await verifyToken(token.value, keys, options) : token;
  return answer.ok ? 'verified' : answer.error.code;
}
