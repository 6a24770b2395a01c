/** Proof of possession (RFC 9449): made by agents, checked by servers. */
export {
  DPOP_ALGORITHMS,
  type DpopAlgorithm,
  type PublicJwk,
  targetOf,
  tokenHash,
} from './claims.ts';
export { deriveDpopKey } from './derive.ts';
export { createDpopKey, type DpopKey, type ProofRequest, signProof } from './key.ts';
export { createNonces, type Nonces } from './nonces.ts';
export { checkProof, type DpopError, type Proof, type ProofExpectations } from './proof.ts';
export { type SeenProofs, seenProofs } from './seen-proofs.ts';
