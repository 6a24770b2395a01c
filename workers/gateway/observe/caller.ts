import { HISTORY_CODES } from '../../../src/history/index.ts';
import { type Evidence, type OpenedToken, readCredentials } from '../../../src/verifier/index.ts';
import type { GatewayDenial } from '../call/denial.ts';
import type { CallCredential, CallerFacts, Upstream } from '../upstream/index.ts';

/** Headers in which callers bring a credential of their own for the server. */
const CREDENTIAL_HEADERS: readonly string[] = [
  'authorization',
  'x-api-key',
  'api-key',
  'x-auth-token',
  'private-token',
];

/** What a valid token can lack so that the operator may accept the gateway's credential for it. */
const NOT_GRANTED: readonly GatewayDenial['code'][] = [
  'no_grant',
  'constraint_failed',
  'caveat_failed',
  'tool_unknown',
  'argument_unlisted',
  'dataset_missing',
  'dataset_unmappable',
  'budget_exhausted',
  'budget_unmeasured',
  'approval_used',
  'flow_denied',
  'flow_unapproved',
  'url_unbound',
  ...HISTORY_CODES,
];

/** A call that would be denied, at a route that only observes. */
export interface ObservedCall {
  readonly upstream: Upstream;
  readonly denial: GatewayDenial;
  readonly evidence: Evidence;
  readonly tool: string | undefined;
  /** The credential that the caller itself brought. */
  readonly own: CallCredential;
  /** Names the caller if its token does not. */
  readonly source: string;
}

/**
 * Returns on whose behalf an observed call is made, and with whose credential. Never with that of
 * the gateway, unless the operator accepts it for agents with a valid token: a hijacked agent must
 * not gain access that no one granted. With the caller's own, or none.
 *
 * Undefined if the server is reached through a binding: nothing but the identity of the gateway
 * could be used, and the call is denied.
 */
export function observedCaller(observed: ObservedCall): CallerFacts | undefined {
  const { upstream, denial, evidence, tool, own, source } = observed;
  const { workflow, agent, subject, owner, task } = evidence;
  const isAccepted = upstream.observedCredential === 'gateway' && NOT_GRANTED.includes(denial.code);
  if (isAccepted && workflow !== undefined) {
    return { workflow, agent, subject, owner, task, tool, credential: 'gateway' };
  }
  if (upstream.isBound) return undefined;
  // A session that was opened with the gateway's credential would stand in for it.
  const party = workflow ?? source;
  return { workflow: `observed:${party}`, credential: own };
}

/**
 * Returns the credential that a caller brought for the server. A token of an issuer of Hewn is for
 * the gateway, and no server gets it.
 */
export function ownCredential(
  request: Request,
  { denial }: Pick<OpenedToken, 'denial'>,
): CallCredential {
  const { token, proof } = readCredentials(request);
  const isForeign = token === '' || denial?.code === 'token_malformed';
  const isPassed = isForeign && proof?.scheme !== 'DPoP';
  const headers = CREDENTIAL_HEADERS.flatMap((name): [string, string][] => {
    const value = request.headers.get(name);
    return value === null || (name === 'authorization' && !isPassed) ? [] : [[name, value]];
  });
  return headers.length === 0 ? 'none' : { headers };
}
