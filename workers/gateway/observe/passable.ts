import { isOperatorStop } from '../../../src/denials/index.ts';
import type { OpenedToken } from '../../../src/verifier/index.ts';
import type { GatewayDenial } from '../call/denial.ts';

/**
 * Denials that say that nothing is known about where a request goes, or that it has two readings. A
 * route that observes enforces them: what it cannot read it does not pass on.
 */
const NEVER_PASSED: readonly GatewayDenial['code'][] = [
  'message_too_large',
  'message_malformed',
  'batch_refused',
  'header_mismatch',
  'catalogue_unavailable',
  'method_denied',
  'server_unknown',
  'session_unknown',
  'rate_limited',
];

/** Returns whether a route that observes makes a call although it would be denied for this. */
export const isPassable = ({ code }: GatewayDenial): boolean =>
  !isOperatorStop(code) && !NEVER_PASSED.includes(code);

/**
 * Returns what an operator or a rule has stopped: the workflow, the token or the tool. Looked up
 * apart from the denial, because whatever else denies the call, such as a missing proof, must not
 * hide a stop.
 */
export const observedStop = (
  opened: Pick<OpenedToken, 'stopped'>,
  denial: GatewayDenial,
  tool: string | undefined,
): GatewayDenial | undefined => (isOperatorStop(denial.code) ? denial : opened.stopped(tool));
