import type { Clock } from '../clock.ts';
import { createDpopKey, type DpopAlgorithm, signProof } from '../dpop/index.ts';
import { type Members, readOptions, text } from '../options.ts';

/** The request that a holder sends. */
export interface HeldRequest {
  readonly method: string;
  readonly url: string;
}

const REQUEST: Members<HeldRequest> = { method: text, url: text };

/** A caller with a key of its own, for capabilities that are bound to it. */
export interface TestHolder {
  /** The thumbprint of its key: the `holder` of a capability that only this caller can use. */
  readonly thumbprint: string;
  /**
   * Returns the `authorization` and `dpop` headers of one request. They are valid once: a second
   * request with them is a replay. Rejects with a TypeError for a URL that a proof cannot name.
   */
  headers(token: string, request: HeldRequest): Promise<Record<'authorization' | 'dpop', string>>;
}

/** Creates a holder whose proofs are made at the time of `now`. */
export async function testHolder(now: Clock, algorithm?: DpopAlgorithm): Promise<TestHolder> {
  const key = await createDpopKey(algorithm);
  return {
    thumbprint: key.thumbprint,
    headers: async (token, request) => {
      const { method, url } = readOptions(request, 'headers', REQUEST);
      const dpop = await signProof(key, { method, url, token, now: now() });
      return { authorization: `DPoP ${token}`, dpop };
    },
  };
}
