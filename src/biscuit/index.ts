/**
 * Eclipse Biscuit v3: capability tokens with Datalog, on WebCrypto only.
 *
 * A token is an `UnverifiedToken` until `verifyToken` turns it into a `VerifiedToken`, and only a
 * verified token can be authorized. Every expected refusal is a value with a code of the closed
 * union `BiscuitError`. An exception means that the caller has a bug.
 */
export {
  type BlockSigner,
  blockSigner,
  generateKeyPair,
  type KeyPair,
  type PrivateJwk,
  type PrivateKey,
  type PublicJwk,
  privateKeyFromBytes,
  privateKeyFromJwk,
  privateKeyFromText,
  privateKeyToJwk,
  publicKeyFromBytes,
  publicKeyFromJwk,
  publicKeyFromText,
  publicKeyThumbprint,
  publicKeyToJwk,
  publicKeyToText,
} from './crypto/index.ts';
export type * from './datalog/index.ts';
export {
  array,
  bool,
  bytes,
  compileRegex,
  date,
  decide,
  describeWorld,
  fact,
  integer,
  map,
  NULL,
  parseAuthorizer,
  parseBlock,
  parseCheck,
  parseFact,
  parsePolicy,
  parseRule,
  parseTerm,
  printAuthorizer,
  printBlock,
  printCheck,
  printFact,
  printPolicy,
  printPublicKey,
  printRule,
  printTerm,
  query,
  queryAll,
  set,
  string,
  testRegex,
  variable,
} from './datalog/index.ts';
export type * from './errors.ts';
export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export { type ReferenceVariant, referenceVariant } from './reference-variant.ts';
export * from './token/index.ts';
