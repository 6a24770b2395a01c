import { type DpopKey, signProof } from '../../../src/dpop/index.ts';
import { createVerifier, type Decision } from '../../../src/verifier/index.ts';
import type { HopVector, HopVectors } from './vector.ts';

/** Returns a key of the vectors, as agents have it. */
async function importKey({ keys }: HopVectors, name: string): Promise<DpopKey> {
  const { thumbprint, jwk } = keys[name] ?? {};
  if (!jwk || thumbprint === undefined) throw new Error(`the vectors have no key ${name}`);
  const { d: _, ...rest } = jwk;
  const isEc = jwk.kty === 'EC';
  const algorithm = isEc ? { name: 'ECDSA', namedCurve: 'P-256' } : 'Ed25519';
  const privateKey = await crypto.subtle.importKey('jwk', jwk as JsonWebKey, algorithm, false, [
    'sign',
  ]);
  return {
    algorithm: isEc ? 'ES256' : 'EdDSA',
    privateKey: privateKey as DpopKey['privateKey'],
    publicJwk: rest as DpopKey['publicJwk'],
    thumbprint,
  };
}

/** Decides a vector as an API would, with our own verifier or that of a release. */
export async function judgeHop(
  vectors: HopVectors,
  { token, proven, call, now: seconds }: HopVector,
  create: typeof createVerifier = createVerifier,
): Promise<Decision> {
  const { issuer, audience, root_key: root } = vectors;
  const now = seconds * 1_000;
  const key = { id: root.id, publicKey: root.hex };
  const verifier = create({
    issuer,
    audience,
    keys: [key],
    feed: {
      head: { epoch: 1, seq: 1, issued_at: seconds, keys: [key] },
      find: () => undefined,
      refresh: async () => ({ ok: false }),
    },
    now: () => now,
  });
  const { tool, action, dataset } = call;
  const request = { tool, action, dataset: [dataset], tier: 1 } as const;
  if (proven === undefined) return verifier.verify(token, request);
  const holder = await importKey(vectors, proven);
  const text = await signProof(holder, { method: 'GET', url: audience, now, token });
  return verifier.verify(token, {
    ...request,
    proof: { scheme: 'DPoP', text, method: 'GET', url: audience },
  });
}
