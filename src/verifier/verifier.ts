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
import type { PresentedProof } from './credentials.ts';
import type { Decision, Denial, Evidence } from './decision.ts';
import { type Freshness, settleFreshness } from './freshness.ts';
import { type ProofMemory, provenHolder } from './holder.ts';
import { countsStill, issuerKeys, type OpenUnderKeys } from './issuer-keys.ts';
import { failedOver, judge } from './judge.ts';
import { isTier, TIERS, type Tier } from './tiers.ts';
import { readVerifierOptions, type VerifierOptions } from './verifier-options.ts';

/** A call and the tier of the route that it came in by. */
export interface VerifyRequest extends Call {
  readonly tier: Tier;
  /** From `readCredentials`: what the sender proves its key with, in the place of `holder`. */
  readonly proof?: PresentedProof;
}

/** What a route knows of a request that is no call. */
export type RouteFacts = Pick<VerifyRequest, 'tier' | 'holder' | 'proof'>;

/** What may be said of a token before it is asked for anything. */
export interface Admission {
  readonly decision: Decision;
  /** Whether some call of this tool and action could be allowed; for showing a holder its tools. */
  readonly canUse: (tool: string, action: Action) => boolean;
}

export interface Verifier {
  /** What challenges call this resource server: the host of its audience. */
  readonly realm?: string;
  /** Decides one call. Offline while the head is fresh; never throws for what a caller sent. */
  verify(token: string, request: VerifyRequest): Promise<Decision>;
  /** Judges the token alone: for protocol messages that use no tool. Allows no call. */
  admit(token: string, route: RouteFacts): Promise<Admission>;
  /** The nonce for a client's next proof, for `DPoP-Nonce`; undefined where none is asked for. */
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
const REQUEST: Members<VerifyRequest> = { ...FACTS, ...CALL_MEMBERS };

/** Throws a TypeError for options that it does not know or cannot use. */
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
  readonly open: OpenUnderKeys;
  readonly nonces: Nonces | undefined;
  /** The origin of `audience`. */
  readonly origin: string;
  readonly memory: ProofMemory;
}

async function verify(context: Context, text: string, request: VerifyRequest): Promise<Decision> {
  const asked = evidenceOfCall(request);
  const accepted = await accept(context, text, request);
  if (!accepted.ok) return deny(accepted.error.denial, { ...asked, ...accepted.error.evidence });
  const { token, proven, freshness } = accepted.value;
  const evidence = { ...asked, ...evidenceOf(token, freshness) };

  const { tier: _tier, proof: _proof, ...described } = request;
  const call = await checkCall({ ...described, ...proven }, (fact) => token.readsFact(fact));
  if (!call.ok) return deny(call.error, evidence);
  const denial = judge(context, token, call.value);
  if (denial) return deny(denial, evidence);
  return { allowed: true, stale: freshness.stale, evidence };
}

async function admit(context: Context, text: string, route: RouteFacts): Promise<Admission> {
  const nothing = () => false;
  const tier = tierOf(route);
  const accepted = await accept(context, text, route);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return { decision: deny(denial, { ...tier, ...evidence }), canUse: nothing };
  }
  const { token, proven, freshness, isDenied } = accepted.value;
  const evidence = { ...tier, ...evidenceOf(token, freshness) };
  // The proven key is a fact of the route, so a caveat on it can be judged before any call.
  const failed = failedOver(context, token, proven, REQUEST_FACTS);
  if (failed) return { decision: deny(failed, evidence), canUse: nothing };
  return {
    decision: { allowed: true, stale: freshness.stale, evidence },
    canUse: (tool, action) =>
      token.authority.grants.some((grant) => grant.tool === tool && grant.action === action) &&
      !isDenied(tool) &&
      !failedOver(context, token, { ...proven, tool, action }, [
        ...REQUEST_FACTS,
        'tool',
        'action',
      ]),
  };
}

interface Accepted {
  readonly token: VerifiedCapability;
  /** The key that the sender has proven to hold, where it has. */
  readonly proven: { readonly holder?: string };
  readonly freshness: Freshness;
  /** Whether an operator denies the tool, as far as the feed says at this moment. */
  readonly isDenied: (tool: string) => boolean;
}

/**
 * Everything that does not depend on the call: signatures, issuer, audience, freshness, revocation.
 */
async function accept(
  context: Context,
  text: string,
  route: RouteFacts | VerifyRequest,
): Promise<Result<Accepted, { denial: Denial; evidence: Evidence }>> {
  const refused = (denial: Denial, evidence: Evidence = { revocationIds: [] }) =>
    refuse({ denial, evidence });
  if (text === '') return refused({ code: 'token_missing' });
  const opened = await context.open(text);
  if (!opened.ok) return refused(opened.error);
  const token = opened.value;
  const { issuer, audience, issuedAt, holder } = token.authority;
  const evidence = evidenceOf(token);
  if (issuer !== context.issuer) return refused({ code: 'issuer_mismatch', issuer }, evidence);
  if (audience !== context.audience)
    return refused({ code: 'audience_mismatch', audience }, evidence);
  const proven = await proveHolder(context, text, route);
  if (!proven.ok) return refused(proven.error, evidence);
  if (holder !== undefined && holder !== proven.value.holder) {
    return refused({ code: 'holder_unproven' }, evidence);
  }
  const ahead = Math.ceil((issuedAt.getTime() - context.now()) / 1000);
  if (ahead > CLOCK_SKEW_SECONDS_MAX) {
    return refused({ code: 'issued_in_future', seconds: ahead }, evidence);
  }
  // Whatever its own checks say: a revocation is kept only for as long as a token may live.
  if (-ahead > CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX) {
    return refused({ code: 'expired', block: 0, source: 'issued_at' }, evidence);
  }
  // Of a shard that is not followed here, nothing is known: as good as no head.
  const { shard = 0 } = token.authority;
  const feed = shard === 0 ? context.feed : context.feed.shard?.(shard);
  if (!feed) return refused({ code: 'head_missing' }, evidence);
  const freshness = await settleFreshness(feed, route.tier, context.tiers, context.now);
  if (!freshness.ok) return refused(freshness.error, evidence);
  if (!countsStill(context.keys, token.issuerKey, context.feed)) {
    return refused({ code: 'signature_invalid', why: 'key_taken_back' }, evidence);
  }
  const { authority, issuerKey, revocationIds: blocks } = token;
  const question = { ...authority, issuerKey, blocks };
  const hit = feed.find('tool' in route ? { ...question, tool: route.tool } : question);
  if (hit) return refused(denialOf(hit), evidenceOf(token, freshness.value));
  const isDenied = (tool: string) => feed.find({ ...question, tool }) !== undefined;
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
 * After the token's signatures and audience: a proof costs a signature, and room in the memory,
 * that only who has a capability for this server can make us spend.
 */
async function proveHolder(
  context: Context,
  token: string,
  { holder, proof }: RouteFacts,
): Promise<Result<{ readonly holder?: string }, Denial>> {
  if (!proof) return ok(holder === undefined ? {} : { holder });
  const proven = await provenHolder(proof, token, context);
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

/** A tier that does not exist is in no record, whose readers know four. */
const tierOf = ({ tier }: RouteFacts): Pick<Evidence, 'tier'> => (isTier(tier) ? { tier } : {});

function evidenceOf(token: VerifiedCapability, freshness?: Freshness): Evidence {
  const { workflow, agent, subject, owner, task } = token.authority;
  const { revocationIds } = token;
  const evidence: Evidence = { revocationIds, workflow, agent, subject, owner, task };
  if (!freshness) return evidence;
  const { epoch, seq } = freshness.head;
  return { ...evidence, head: { epoch, seq, ageSeconds: freshness.ageSeconds } };
}
