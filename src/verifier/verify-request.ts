import { CALL_MEMBERS, type Call } from '../capability/index.ts';
import type { Catalogue } from '../catalogue/index.ts';
import { having } from '../option-values.ts';
import { anything, type Members, object, optional, recordOf } from '../options.ts';
import type { Attached } from '../provenance/index.ts';
import type { PresentedProof } from './credentials.ts';
import type { Tier } from './tiers.ts';

/** A call, and the tier of the route that received it. */
export interface VerifyRequest extends Call {
  readonly tier: Tier;
  /** From `readCredentials`: the proof of the caller's key. Pass it instead of `holder`. */
  readonly proof?: PresentedProof;
  /**
   * What the caller brings to attest where its values come from. It is checked here, and only read
   * for a token with a constraint `from`.
   */
  readonly attached?: Attached;
  /** The catalogue that described the call. Without it, no marks of fields and sinks are known. */
  readonly catalogue?: Catalogue;
}

/** What a route knows about a request that is not a call. */
export type RouteFacts = Pick<VerifyRequest, 'tier' | 'holder' | 'proof'>;

const PROOF: Members<PresentedProof> = {
  scheme: anything,
  text: anything,
  method: anything,
  url: anything,
};

export const ROUTE_FACTS: Members<RouteFacts> = {
  tier: anything,
  holder: optional(anything),
  proof: optional(recordOf(PROOF)),
};

/** The values usually come from the caller: `checkCall` checks them, and a wrong one is denied. */
export const VERIFY_REQUEST: Members<VerifyRequest> = {
  ...ROUTE_FACTS,
  ...CALL_MEMBERS,
  attached: optional(object),
  catalogue: optional(having('get')),
};
