/** Tokens: parse, verify, narrow, seal, mint, add third-party blocks, authorize. */
export {
  type AuthorizeInput,
  authorize,
  authorizeChecks,
  authorizeWithoutToken,
  worldOf,
} from './authorize.ts';
export type { Bounds } from './bounded-map.ts';
export { type ChainCache, createChainCache, DEFAULT_CACHE_BOUNDS } from './cache.ts';
export { type AnyToken, blockBytes, type MintRequest, mint, narrow, seal } from './mint.ts';
export {
  appendThirdPartyBlock,
  createThirdPartyRequest,
  signThirdPartyBlock,
} from './third-party.ts';
export { type BlockView, parseToken, type UnverifiedToken } from './unverified.ts';
export type { VerifiedToken } from './verified.ts';
export { parseAndVerify, type RootKey, type VerifyOptions, verifyToken } from './verify.ts';
