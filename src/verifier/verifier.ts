import {
  type Action,
  type CheckedCall,
  checkCall,
  type Grant,
  REQUEST_FACTS,
  type VerifiedCapability,
} from '../capability/index.ts';
import { readClock } from '../clock.ts';
import { readOptions } from '../options.ts';
import {
  acceptToken,
  type OpenedCapability,
  openToken,
  stopOf,
  toolStopOf,
  type VerifierContext,
} from './acceptance.ts';
import type { TokenText } from './credentials.ts';
import type { Decision, Denial, Evidence } from './decision.ts';
import { deny, evidenceOf, evidenceOfCall, tierOf } from './evidence.ts';
import { inHex, issuerKeys } from './issuer-keys.ts';
import type { ScopeDecision } from './scope/index.ts';
import { TIERS } from './tiers.ts';
import { denialOfCall, denialOfKnownFacts } from './token-checks.ts';
import { readVerifierOptions, type VerifierOptions } from './verifier-options.ts';
import {
  ROUTE_FACTS,
  type RouteFacts,
  VERIFY_REQUEST,
  type VerifyRequest,
} from './verify-request.ts';

/** What is known about a token before any call. */
export interface Admission {
  readonly decision: Decision;
  /** Returns whether some call of this tool and action could be allowed: for a list of tools. */
  readonly canUse: (tool: string, action: Action) => boolean;
  /**
   * What an admitted token says, to show its holder what it may do: see `Verifier.verify` for what
   * it does. Absent if the token was not admitted.
   */
  readonly capability?: VerifiedCapability;
}

/** A token whose signatures, issuer and audience were checked, before its call is known. */
export interface OpenedToken {
  /**
   * Why the token counts for nothing here; undefined for a token of this issuer for this server,
   * which may still be expired, revoked or too narrow. Read the body of a request only then.
   */
  readonly denial?: Denial;
  /** What the token says about itself. */
  readonly evidence: Evidence;
  /** What the token grants, before its caveats; empty if it counts for nothing. */
  readonly grants: readonly Grant[];
  /** What the token says, if it counts. It allows nothing: call `verify`. */
  readonly capability?: VerifiedCapability;
  /** Decides one call, as `Verifier.verify` does. */
  verify(request: VerifyRequest): Promise<Decision>;
  /** Decides what a retrieval may touch, as `Verifier.scope` does. */
  scope(request: VerifyRequest): Promise<ScopeDecision>;
  /**
   * Returns what an operator has stopped, whatever else is wrong: the workflow, the token or this
   * tool. Of a token that counts for nothing, only the tool is looked up. As far as the feed knows
   * at this moment.
   */
  stopped(tool?: string): Denial | undefined;
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
  /**
   * Decides what a retrieval may touch, before anything is read, by the same checks as `verify`.
   * `request.dataset` is the most that it would read, and `request.args` the arguments that are the
   * same for everything it reads. The scope is the part of that which every block of the token
   * allows, as data and as filters. Denied if that is nothing.
   */
  scope(token: TokenText, request: VerifyRequest): Promise<ScopeDecision>;
  /**
   * Verifies signatures, issuer and audience only, for a server that has to read the request's body
   * to know the call. Call `verify` of the result next.
   */
  open(token: TokenText): Promise<OpenedToken>;
  /** Verifies the token only, for protocol messages that use no tool. Allows no call. */
  admit(token: TokenText, route: RouteFacts): Promise<Admission>;
  /** Returns the `DPoP-Nonce` for a client's next proof; undefined if proofs need no nonce. */
  nonce(): Promise<string | undefined>;
}

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
  const keys = inHex(options.keys);
  const settled = { tiers: TIERS, now: readClock, ...options, keys };
  const context: VerifierContext = {
    ...settled,
    open: issuerKeys(keys, settled.feed, settled.now),
    origin,
    nonces,
    memory: {},
  };
  return {
    realm: host,
    verify: async (token, request) => (await open(context, token)).verify(request),
    scope: async (token, request) => (await open(context, token)).scope(request),
    open: (token) => open(context, token),
    admit: async (token, route) => admit(context, token, readOptions(route, 'admit', ROUTE_FACTS)),
    nonce: async () => nonces?.issue(context.now()),
  };
}

async function open(context: VerifierContext, text: TokenText): Promise<OpenedToken> {
  const opened = await openToken(context, text);
  return {
    ...(opened.ok
      ? {
          evidence: evidenceOf(opened.value),
          grants: opened.value.authority.grants,
          capability: opened.value,
        }
      : { ...opened.error, grants: [] }),
    verify: async (request) =>
      verify(context, text, opened, readOptions(request, 'verify', VERIFY_REQUEST)),
    scope: async (request) =>
      scope(context, text, opened, readOptions(request, 'scope', VERIFY_REQUEST)),
    stopped: (tool) =>
      opened.ok ? stopOf(context, opened.value, tool) : toolStopOf(context, tool),
  };
}

async function verify(
  context: VerifierContext,
  text: TokenText,
  opened: OpenedCapability,
  request: VerifyRequest,
): Promise<Decision> {
  const requested = evidenceOfCall(request);
  const accepted = await acceptToken(context, text, opened, request);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return deny(denial, { ...requested, ...evidence });
  }
  const { token, proven, freshness } = accepted.value;
  const evidence = { ...requested, ...evidenceOf(token, freshness) };

  const { tier, proof: __, attached: ___, catalogue: ____, ...described } = request;
  const checked = await checkCall({ ...described, ...proven }, (fact) => token.readsFact(fact));
  if (!checked.ok) return deny(checked.error, evidence);
  const { call, ...provenance } = await originate(context, token, request, checked.value);
  const known = { ...evidence, ...provenance };
  const judge = (one: CheckedCall) => denialOfCall(context, token, one);
  const denial = judge(call);
  if (!denial) return { allowed: true, stale: freshness.stale, evidence: known };
  if (!call.origins) return deny(denial, known);
  const { withApprovable } = await import('./provenance/index.ts');
  return deny(withApprovable(denial, call, judge, { ...context, tier }), known);
}

/** Adds where the values of the call come from, if the token asks. */
async function originate(
  context: VerifierContext,
  token: VerifiedCapability,
  request: VerifyRequest,
  call: CheckedCall,
): Promise<{ readonly call: CheckedCall } & Pick<Evidence, 'provenance' | 'approval'>> {
  // A rule of the catalogue may ask for an approval that no check of the token reads.
  const isSignedByOthers = token.signedBlocks.some(({ externalKey }) => externalKey !== undefined);
  if (!token.readsFact('arg_origins') && !isSignedByOthers) return { call };
  // From the bundle and so without I/O: few tokens ask.
  const { withOrigins } = await import('./provenance/index.ts');
  return withOrigins({ context, token, request, call });
}

async function scope(
  context: VerifierContext,
  text: TokenText,
  opened: OpenedCapability,
  request: VerifyRequest,
): Promise<ScopeDecision> {
  const requested = evidenceOfCall(request);
  const accepted = await acceptToken(context, text, opened, request);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return { decision: { allowed: false, denial, evidence: { ...requested, ...evidence } } };
  }
  const { token, freshness } = accepted.value;
  // Loaded by the first retrieval, from the bundle and so without I/O.
  const { decideScope } = await import('./scope/index.ts');
  const evidence = { ...requested, ...evidenceOf(token, freshness) };
  return decideScope(context, accepted.value, request, evidence);
}

async function admit(
  context: VerifierContext,
  text: TokenText,
  route: RouteFacts,
): Promise<Admission> {
  const nothing = () => false;
  const tier = tierOf(route);
  const accepted = await acceptToken(context, text, await openToken(context, text), route);
  if (!accepted.ok) {
    const { denial, evidence } = accepted.error;
    return { decision: deny(denial, { ...tier, ...evidence }), canUse: nothing };
  }
  const { token, proven, freshness } = accepted.value;
  const evidence = { ...tier, ...evidenceOf(token, freshness) };
  // The proven key is known before any call, so a caveat that limits it is decided now.
  const failed = denialOfKnownFacts(context, token, proven, REQUEST_FACTS);
  if (failed) return { decision: deny(failed, evidence), canUse: nothing };
  return {
    decision: { allowed: true, stale: freshness.stale, evidence },
    capability: token,
    canUse: (tool, action) =>
      token.authority.grants.some((grant) => grant.tool === tool && grant.action === action) &&
      !stopOf(context, token, tool) &&
      !denialOfKnownFacts(context, token, { ...proven, tool, action }, [
        ...REQUEST_FACTS,
        'tool',
        'action',
      ]),
  };
}
