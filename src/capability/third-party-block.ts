import {
  appendThirdPartyBlock,
  type Block,
  type BlockSigner,
  createThirdPartyRequest,
  parseToken,
  signThirdPartyBlock,
} from '../biscuit/index.ts';
import { TOKEN_TEXT_BYTES_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import { type TokenError, toTokenError } from './token-error.ts';
import { TOKEN_LIMITS } from './token-limits.ts';

const TOO_LARGE = refuse({ code: 'token_too_large' } as const);

/**
 * Signs a block for the end of a token. The signature covers the last signature of that token, so
 * the block fits no other one.
 */
export async function signForToken(
  token: string,
  signer: BlockSigner,
  block: Block,
): Promise<Result<Uint8Array<ArrayBuffer>, TokenError>> {
  if (token.length > TOKEN_TEXT_BYTES_MAX) return TOO_LARGE;
  const parsed = parseToken(token, TOKEN_LIMITS);
  if (!parsed.ok) return refuse(toTokenError(parsed.error));
  const request = createThirdPartyRequest(parsed.value);
  if (!request.ok) return refuse(toTokenError(request.error));
  const signed = await signThirdPartyBlock(request.value, signer, block, TOKEN_LIMITS);
  return signed.ok ? signed : refuse(toTokenError(signed.error));
}

/** Appends a block that was signed for exactly this token. */
export async function appendSigned(
  token: string,
  contents: Uint8Array | string,
): Promise<Result<string, TokenError>> {
  if (token.length > TOKEN_TEXT_BYTES_MAX) return TOO_LARGE;
  const parsed = parseToken(token, TOKEN_LIMITS);
  if (!parsed.ok) return refuse(toTokenError(parsed.error));
  const appended = await appendThirdPartyBlock(parsed.value, contents);
  if (!appended.ok) return refuse(toTokenError(appended.error));
  const { text } = appended.value;
  return text.length > TOKEN_TEXT_BYTES_MAX ? TOO_LARGE : ok(text);
}
