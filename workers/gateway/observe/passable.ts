import { isOperatorStop } from '../../../src/denials/index.ts';
import type { OpenedToken } from '../../../src/verifier/index.ts';
import type { GatewayDenial } from '../call/denial.ts';

/** Whether a call that would be denied for this is known well enough to be passed on. */
const PASSABLE = {
  ...passable(['token_missing', 'token_too_large', 'token_malformed', 'signature_invalid']),
  ...passable(['token_over_limit', 'token_execution', 'authority_invalid', 'grants_count']),
  ...passable(['issuer_mismatch', 'audience_mismatch', 'issued_in_future', 'expired']),
  ...passable([
    'hop_invalid',
    'holder_unproven',
    'proof_missing',
    'proof_invalid',
    'nonce_required',
  ]),
  ...passable(['no_grant', 'caveat_failed', 'constraint_failed', 'tier_unknown']),
  ...passable(['name_invalid', 'arguments_invalid', 'datasets_count', 'dataset_missing']),
  ...passable(['head_missing', 'head_stale', 'tool_unknown', 'argument_unlisted']),
  ...passable(['dataset_unmappable', 'route_unknown', 'route_method_unlisted']),
  ...passable(['budget_exhausted', 'budget_unmeasured', 'approval_used', 'ledger_unavailable']),
  ...passable(['record_unwritten', 'flow_denied', 'flow_unapproved', 'labels_unavailable']),
  ...passable(['url_unbound']),
  ...passable(['history_limit', 'history_used', 'history_order', 'history_unmeasured']),
  ...passable(['history_full']),
  // Stopped by an operator or a rule.
  ...stopped(['revoked', 'suspended', 'tool_denied', 'workflow_stopped', 'rate_limited']),
  // Nothing is known about where the request goes, or it has two readings.
  ...stopped(['message_too_large', 'message_malformed', 'batch_refused', 'header_mismatch']),
  ...stopped(['header_refused', 'argument_repeated', 'argument_malformed', 'query_malformed']),
  ...stopped(['body_invalid', 'body_too_large', 'body_type_unsupported', 'scope_inexpressible']),
  ...stopped(['catalogue_unavailable', 'method_denied', 'revision_unsupported', 'server_unknown']),
  ...stopped(['definition_changed', 'definition_unavailable', 'origin_denied']),
  // It would use what another workflow has.
  ...stopped(['session_unknown', 'event_unknown', 'task_unknown', 'request_unknown']),
  ...stopped(['state_unknown']),
} as const satisfies Readonly<Record<GatewayDenial['code'], boolean>>;

/**
 * Returns whether a route that observes makes a call although it would be denied for this. What it
 * cannot read it does not pass on. A code without its row does not compile.
 */
export const isPassable = ({ code }: GatewayDenial): boolean => PASSABLE[code];

function passable<C extends string>(codes: readonly C[]): Readonly<Record<C, true>> {
  return rows(codes, true);
}

function stopped<C extends string>(codes: readonly C[]): Readonly<Record<C, false>> {
  return rows(codes, false);
}

function rows<C extends string, V>(codes: readonly C[], value: V): Readonly<Record<C, V>> {
  return Object.fromEntries(codes.map((code) => [code, value])) as Record<C, V>;
}

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
