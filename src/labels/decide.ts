import type { FlowDenial } from '../audit/calls/index.ts';
import { type CatalogueTool, type FlowRule, URL_KIND } from '../catalogue/index.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { KnownLabels } from '../verifier/index.ts';

/** Why a rule of the catalogue does not let a call leave. */
type RuleDenial = Extract<FlowDenial, { readonly label: unknown }>;

/**
 * Returns whether a rule of the catalogue may ask for the approval of a call that its token allows.
 * Only a verifier knows whether it does: that depends on what the workflow has read.
 */
export const mayAsk = ({ action, leaves, flow = [], sink = [] }: CatalogueTool): boolean =>
  leaves === true &&
  (flow.some(({ leaving }) => leaving === 'ask') ||
    (action === 'read' && sink.some(({ kind }) => kind === URL_KIND)));

/** What is known of a call that leaves. */
export interface LeavingCall {
  /** Each of its sinks has a destination of the owner of what was read. */
  readonly isSameOwner: boolean;
  /** A person has approved exactly this call. */
  readonly isApproved: boolean;
}

/**
 * Decides whether a call may leave a workflow that has these labels. A rule holds if all of its
 * labels were read, and a rule that denies wins over one that asks.
 */
export function decideFlow(
  rules: readonly FlowRule[],
  { labels, label }: KnownLabels,
  { isSameOwner, isApproved }: LeavingCall,
): Result<null, RuleDenial> {
  const holding = rules.filter(
    ({ when, exceptSameOwner }) =>
      when.every((one) => labels.includes(one)) && !(exceptSameOwner && isSameOwner),
  );
  const denying = holding.find(({ leaving }) => leaving === 'deny');
  const asking = isApproved ? undefined : holding.find(({ leaving }) => leaving === 'ask');
  const rule = denying ?? asking;
  if (!rule) return ok(null);
  return refuse({
    code: rule === denying ? 'flow_denied' : 'flow_unapproved',
    labels: rule.when.join(' '),
    label,
    reason: rule.reason,
    ...(rule === asking && { approvable: true }),
  });
}
