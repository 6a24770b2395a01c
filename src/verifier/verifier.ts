import {
  type Action,
  CALL_MEMBERS,
  type Call,
  checkCall,
  REQUEST_FACTS,
  type VerifiedCapability,
} from '../capability/index.ts';
import { readClock } from '../clock.ts';
import type { Nonces } from '../dpop/index.ts';
import type { FeedHit } from '../feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { anything, type Members, optional, readOptions, recordOf } from '../options.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { PresentedProof, TokenText } from './credentials.ts';
import type { Decision, Denial, Evidence } from './decision.ts';
import { type Freshness, settleFreshness } from './freshness.ts';
import { checkHolderProof, type ProofMemory } from './holder.ts';
import { isKeyTrusted, issuerKeys, type OpenWithKeys } from './issuer-keys.ts';
import { isTier, TIERS, type Tier } from './tiers.ts';
import { denialOfCall, denialOfKnownFacts } from './token-checks.ts';
import { readVerifierOptions, type VerifierOptions } from './verifier-options.ts';

/** A call, and the tier of the route that received it. */
export interface VerifyRequest extends Call {
  readonly tier: Tier;
  /** From `readCredentials`: the proof of the caller's key. Pass it instead of `holder`. */
  readonly proof?: PresentedProof;
}

/** What a route knows about a request that is not a call. */
export type RouteFacts = Pick<VerifyRequest, 'tier' | 'holder' | 'proof'>;

/** What is known about a token before any call. */
export interface Admission {
  readonly decision: Decision;
  /** Returns whether some call of this tool and action could be allowed: for a list of tools. */
  readonly canUse: (tool: string, action: Action) => boolean;
}

/** Decides requests to one resource server. Made by `createVerifier`. */
export interface Verifier {
  /** The name of this resource server in challenges: the host of its audience. */
  readonly realm?: string;
  /**
   * Decides one call. Offline while the head is fresh. Never throws for what a caller sent; throws
   * a TypeError for a member of `request` that it does not know.
   */
  verify(token: TokenText, request: VerifyRequest): Promise<Decision>;
  /** Verifies the token only, for protocol messages that use no tool. Allows no call. */
  admit(token: TokenText, route: RouteFacts): Promise<Admission>;
  /** Returns the `DPoP-Nonce` for a client's next proof; undefined if proofs need no nonce. */
  nonce(): Promise<string | undefined>;
}

const PROOF: Members<PresentedProof> = {
  scheme: anything,
  text: anything,
  method: anything,
  url: anything,
};
const FACTS: Members<RouteFacts> = {
  tier: anything,
  holder: optional(anything),
  proof: optional(recordOf(PROOF)),
};
/** The values usually come from the caller: `checkCall` checks them, and a wrong one is denied. */
const REQUEST: Members<VerifyRequest> = { ...FACTS, ...CALL_MEMBERS };

/**
 * Creates a verifier, which decides calls offline from a token and a revocation feed. Throws a
 * TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { createVerifier } from 'hewn/verifier';
 *
 * const verifier = createVerifier({ issuer, audience, keys: issuerKeys, feed });
 * const decision = await verifier.verify(token, {
 *   tool: 'crm.search',
 *   action: 'read',
 *   dataset: 'crm/contacts',
 *   tier: 1,
 * });
 * if (!decision.allowed) throw new Error(decision.denial.code);
 * ```
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const { nonces } = readVerifierOptions(options);
  const { origin, host } = new URL(options.audience);
  const settled = { tiers: TIERS, now: readClock, ...options };
  const context: Context = {
    ...settled,
    open: issuerKeys(settled.keys, settled.feed, settled.now),
    origin,
    nonces,
    memory: {},
  };
  return {
    realm: host,
    verify: async (token, request) =>
      verify(context, token, readOptions(request, 'verify', REQUEST)),
    admit: async (token, route) => admit(context, token, readOptions(route, 'admit', FACTS)),
    nonce: async () => nonces?.issue(context.now()),
  };
}

interface Context extends Required<Omit<VerifierOptions, 'nonces'>> {
  readonly open: OpenWithKeys;
  readonly nonces: Nonces | undefined;
  /** The origin of `audience`. */
  readonly origin: string;
  readonly memory: ProofMemory;
}

async function verify(
  context: Context,
  text: TokenText,
  request: VerifyRequest,
): Promise<Decision> {
  const requested = evidenceOfCall(request);
  const accepted = await accept(context, text, request);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return deny(denial, { ...requested, ...evidence });
  }
  const { token, proven, freshness } = accepted.value;
  const evidence = { ...requested, ...evidenceOf(token, freshness) };

  const { tier: _tier, proof: _proof, ...described } = request;
  const call = await checkCall({ ...described, ...proven }, (fact) => token.readsFact(fact));
  if (!call.ok) return deny(call.error, evidence);
  const denial = denialOfCall(context, token, call.value);
  if (denial) return deny(denial, evidence);
  return { allowed: true, stale: freshness.stale, evidence };
}

async function admit(context: Context, text: TokenText, route: RouteFacts): Promise<Admission> {
  const nothing = () => false;
  const tier = tierOf(route);
  const accepted = await accept(context, text, route);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return { decision: deny(denial, { ...tier, ...evidence }), canUse: nothing };
  }
  const { token, proven, freshness, isDenied } = accepted.value;
  const evidence = { ...tier, ...evidenceOf(token, freshness) };
  // The proven key is known before any call, so a caveat that limits it is decided now.
  const failed = denialOfKnownFacts(context, token, proven, REQUEST_FACTS);
  if (failed) return { decision: deny(failed, evidence), canUse: nothing };
  return {
    decision: { allowed: true, stale: freshness.stale, evidence },
    canUse: (tool, action) =>
      token.authority.grants.some((grant) => grant.tool === tool && grant.action === action) &&
      !isDenied(tool) &&
      !denialOfKnownFacts(context, token, { ...proven, tool, action }, [
        ...REQUEST_FACTS,
        'tool',
        'action',
      ]),
  };
}

/** A token that passed every check that does not depend on the call. */
interface AcceptedToken {
  readonly token: VerifiedCapability;
  /** The key that the caller has proven to hold, if any. */
  readonly proven: { readonly holder?: string };
  readonly freshness: Freshness;
  /** Returns whether an operator has blocked the tool, as far as the feed knows at this moment. */
  readonly isDenied: (tool: string) => boolean;
}

/**
 * Checks everything that does not depend on the call, in this order: signatures, issuer, audience,
 * holder, age, freshness, revocation.
 */
async function accept(
  context: Context,
  text: TokenText,
  route: RouteFacts | VerifyRequest,
): Promise<Result<AcceptedToken, { denial: Denial; evidence: Evidence }>> {
  const refused = (denial: Denial, evidence: Evidence = { revocationIds: [] }) =>
    refuse({ denial, evidence });
  if (text === '') return refused({ code: 'token_missing' });
  const opened = await context.open(text);
  if (!opened.ok) return refused(opened.error);
  const token = opened.value;
  const { issuer, audience, issuedAt, holder } = token.authority;
  const evidence = evidenceOf(token);
  if (issuer !== context.issuer) return refused({ code: 'issuer_mismatch', issuer }, evidence);
  if (audience !== context.audience) {
    return refused({ code: 'audience_mismatch', audience }, evidence);
  }
  const proven = await proveHolder(context, text, route);
  if (!proven.ok) return refused(proven.error, evidence);
  if (holder !== undefined && holder !== proven.value.holder) {
    return refused({ code: 'holder_unproven' }, evidence);
  }
  const ahead = Math.ceil((issuedAt.getTime() - context.now()) / 1000);
  if (ahead > CLOCK_SKEW_SECONDS_MAX) {
    return refused({ code: 'issued_in_future', seconds: ahead }, evidence);
  }
  // Whatever its own checks say: revocations are kept only for the longest life of a token.
  if (-ahead > CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX) {
    return refused({ code: 'expired', block: 0, source: 'issued_at' }, evidence);
  }
  // An unknown shard is treated as a missing head.
  const { shard = 0 } = token.authority;
  const feed = shard === 0 ? context.feed : context.feed.shard?.(shard);
  if (!feed) return refused({ code: 'head_missing' }, evidence);
  const freshness = await settleFreshness(feed, route.tier, context.tiers, context.now);
  if (!freshness.ok) return refused(freshness.error, evidence);
  if (!isKeyTrusted(context.keys, token.issuerKey, context.feed)) {
    return refused({ code: 'signature_invalid', why: 'key_taken_back' }, evidence);
  }
  const { authority, issuerKey, revocationIds: blocks } = token;
  const query = { ...authority, issuerKey, blocks };
  const hit = feed.find('tool' in route ? { ...query, tool: route.tool } : query);
  if (hit) return refused(denialOf(hit), evidenceOf(token, freshness.value));
  const isDenied = (tool: string) => feed.find({ ...query, tool }) !== undefined;
  return ok({ token, proven: proven.value, freshness: freshness.value, isDenied });
}

function denialOf(hit: FeedHit): Denial {
  switch (hit.by) {
    case 'suspension':
      return { code: 'suspended', id: hit.id };
    case 'watermark':
      return { code: 'revoked', by: hit.by, id: `${hit.scope} ${hit.value}`.trim() };
    case 'denial':
      return { code: 'tool_denied', tool: hit.tool };
    case 'workflow':
    case 'block':
    case 'generation':
      return { code: 'revoked', by: hit.by, id: hit.id };
  }
}

/**
 * Checks the proof after the token's signatures and audience. A proof costs a signature check and a
 * place in the memory, so only the holder of a capability for this server can make us spend them.
 */
async function proveHolder(
  context: Context,
  token: TokenText,
  { holder, proof }: RouteFacts,
): Promise<Result<{ readonly holder?: string }, Denial>> {
  if (!proof) return ok(holder === undefined ? {} : { holder });
  const proven = await checkHolderProof(proof, token, context);
  return proven.ok ? ok({ holder: proven.value }) : proven;
}

const deny = (denial: Denial, evidence: Evidence): Decision => ({
  allowed: false,
  denial,
  evidence,
});

const evidenceOfCall = ({ tool, action, dataset, ...route }: VerifyRequest): Evidence => ({
  revocationIds: [],
  tool,
  action,
  datasets: [dataset].flat(),
  ...tierOf(route),
});

/** Leaves out a tier that does not exist: the readers of records know only four. */
const tierOf = ({ tier }: RouteFacts): Pick<Evidence, 'tier'> => (isTier(tier) ? { tier } : {});

function evidenceOf(token: VerifiedCapability, freshness?: Freshness): Evidence {
  const { workflow, agent, subject, owner, task } = token.authority;
  const { revocationIds } = token;
  const evidence: Evidence = { revocationIds, workflow, agent, subject, owner, task };
  if (!freshness) return evidence;
  const { epoch, seq } = freshness.head;
  return { ...evidence, head: { epoch, seq, ageSeconds: freshness.ageSeconds } };
}
