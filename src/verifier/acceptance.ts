import type { AuthorityError, TokenError, VerifiedCapability } from '../capability/index.ts';
import type { Clock } from '../clock.ts';
import type { Nonces } from '../dpop/index.ts';
import type { FeedHit } from '../feed/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { TokenText } from './credentials.ts';
import type { Denial, Evidence } from './decision.ts';
import { evidenceOf } from './evidence.ts';
import { type Feed, type Freshness, settleFreshness } from './freshness.ts';
import { checkHolderProof, type ProofMemory } from './holder.ts';
import { isKeyTrusted, type KeysOption, type OpenWithKeys } from './issuer-keys.ts';
import type { Tiers } from './tiers.ts';
import type { RouteFacts, VerifyRequest } from './verify-request.ts';

/** What a verifier knows besides the token and the call. */
export interface VerifierContext {
  readonly issuer: string;
  readonly audience: string;
  /** The origin of `audience`. */
  readonly origin: string;
  readonly keys: KeysOption;
  readonly feed: Feed;
  readonly tiers: Tiers;
  readonly now: Clock;
  readonly spendsApprovals?: boolean;
  readonly nonces: Nonces | undefined;
  readonly open: OpenWithKeys;
  readonly memory: ProofMemory;
}

/** Why a token counts for nothing, and what is known about it. */
export interface RejectedToken {
  readonly denial: Denial;
  readonly evidence: Evidence;
}

/** The result of `openToken`. */
export type OpenedCapability = Result<VerifiedCapability, RejectedToken>;

/** A token that passed every check that does not depend on the call. */
export interface AcceptedToken {
  readonly token: VerifiedCapability;
  /** The key that the caller has proven to hold, if any. */
  readonly proven: { readonly holder?: string };
  readonly freshness: Freshness;
}

/**
 * Verifies signatures, issuer and audience. A caller that passes holds a token of this issuer for
 * this server; anyone else is a stranger, on whom no further work is spent.
 */
export async function openToken(
  context: VerifierContext,
  text: TokenText,
): Promise<OpenedCapability> {
  if (text === '') return reject({ code: 'token_missing' });
  const opened = await context.open(text);
  if (!opened.ok) {
    // A hop that does not count is attributed to the holder whose token it is.
    const { of, ...denial }: typeof opened.error & { of?: VerifiedCapability } = opened.error;
    return reject(denial, of && evidenceOf(of));
  }
  const { issuer, audience } = opened.value.authority;
  const evidence = evidenceOf(opened.value);
  if (issuer !== context.issuer) return reject({ code: 'issuer_mismatch', issuer }, evidence);
  if (audience !== context.audience) {
    return reject({ code: 'audience_mismatch', audience }, evidence);
  }
  return opened;
}

/** Checks what does not depend on the call, in this order: holder, age, freshness, revocation. */
export async function acceptToken(
  context: VerifierContext,
  text: TokenText,
  opened: OpenedCapability,
  route: RouteFacts | VerifyRequest,
): Promise<Result<AcceptedToken, RejectedToken>> {
  if (!opened.ok) return opened;
  const token = opened.value;
  const { issuedAt } = token.authority;
  const { holder } = token;
  const evidence = evidenceOf(token);
  const proven = await proveHolder(context, text, route);
  if (!proven.ok) return reject(proven.error, evidence);
  if (holder !== undefined && holder !== proven.value.holder) {
    return reject({ code: 'holder_unproven' }, evidence);
  }
  const ahead = Math.ceil((issuedAt.getTime() - context.now()) / 1000);
  if (ahead > CLOCK_SKEW_SECONDS_MAX) {
    return reject({ code: 'issued_in_future', seconds: ahead }, evidence);
  }
  // Whatever its own checks say: revocations are kept only for the longest life of a token.
  if (-ahead > CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX) {
    return reject({ code: 'expired', block: 0, source: 'issued_at' }, evidence);
  }
  const feed = feedOf(context, token);
  if (!feed) return reject({ code: 'head_missing' }, evidence);
  const freshness = await settleFreshness(feed, route.tier, context.tiers, context.now);
  if (!freshness.ok) return reject(freshness.error, evidence);
  // The answer of the log may have withdrawn the key under which the token was opened.
  if (!isKeyTrusted(context.keys, token.issuerKey, context.feed)) {
    return reject({ code: 'signature_invalid', why: 'key_taken_back' }, evidence);
  }
  const stop = stopOf(context, token, 'tool' in route ? route.tool : undefined);
  if (stop) return reject(stop, evidenceOf(token, freshness.value));
  return ok({ token, proven: proven.value, freshness: freshness.value });
}

/**
 * Returns what an operator has stopped: the token, or this tool. It is what the feed knows at this
 * moment; undefined also if the feed has never been reached.
 */
export function stopOf(
  context: VerifierContext,
  token: VerifiedCapability,
  tool?: string,
): Denial | undefined {
  const { authority, issuerKey, revocationIds: blocks } = token;
  const query = { ...authority, issuerKey, blocks };
  const hit = feedOf(context, token)?.find(tool === undefined ? query : { ...query, tool });
  return hit && denialOf(hit);
}

/** Returns whether an operator has blocked a tool, for a call whose token counts for nothing. */
export function toolStopOf({ feed }: VerifierContext, tool = ''): Denial | undefined {
  const hit = feed.find({ ...NO_TOKEN, tool });
  return hit?.by === 'denial' ? denialOf(hit) : undefined;
}

/** Matches no revocation and no watermark. */
const NO_TOKEN = {
  workflow: '',
  ancestors: [],
  gen: 0,
  blocks: [],
  grants: [],
  issuerKey: '',
  agent: '',
  subject: '',
  owner: '',
  audience: '',
  issuedAt: new Date(8.64e15),
};

/** Returns the log of a workflow's shard. An unknown shard is treated as a missing head. */
export const feedOf = (
  { feed }: VerifierContext,
  { authority }: VerifiedCapability,
): Feed | undefined => {
  const { shard = 0 } = authority;
  return shard === 0 ? feed : feed.shard?.(shard);
};

const reject = (
  denial: Denial | TokenError | AuthorityError,
  evidence: Evidence = { revocationIds: [] },
) => refuse({ denial, evidence });

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
  context: VerifierContext,
  token: TokenText,
  { holder, proof }: RouteFacts,
): Promise<Result<{ readonly holder?: string }, Denial>> {
  if (!proof) return ok(holder === undefined ? {} : { holder });
  const proven = await checkHolderProof(proof, token, context);
  return proven.ok ? ok({ holder: proven.value }) : proven;
}
