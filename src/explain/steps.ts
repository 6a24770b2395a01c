import type { DeniedCall, ExplainedCheck } from './explanation.ts';

/** The steps of a decision, in the order in which a call takes them. */
const STEPS = [
  'token',
  'call',
  'holder',
  'freshness',
  'stops',
  'time',
  'grants',
  'limits',
  'server',
] as const;

type Step = (typeof STEPS)[number];

/** What it means that a step passed. */
const PASSED: Readonly<Record<Step, (call: DeniedCall) => string>> = {
  token: () => 'The token is genuine: this issuer signed it, for this server.',
  call: () => 'The catalogue describes the tool and its arguments.',
  holder: () => "The call came from the holder of the token's key, if it is bound to one.",
  freshness: ({ headAgeSeconds }) =>
    headAgeSeconds === undefined
      ? "The verifier's copy of the trust feed was fresh enough for this tool."
      : `The head of the trust feed was ${headAgeSeconds.toFixed(1)} s old, which is fresh enough.`,
  stops: () => 'Nothing in its chain is stopped, and the tool is not blocked.',
  time: () => 'The token has not expired.',
  grants: () => 'A grant covers the tool, the action and every dataset.',
  limits: () => 'The arguments are within the limits of the token.',
  server: () => 'The server can make the call.',
};

/** The codes of each step. Every other code of a gateway is about the message that it received. */
const CODES: Readonly<Record<Step, readonly string[]>> = {
  token: [
    ...['token_missing', 'token_too_large', 'token_malformed', 'signature_invalid'],
    ...['token_over_limit', 'token_execution', 'authority_invalid', 'grants_count'],
    ...['issuer_mismatch', 'audience_mismatch', 'issued_in_future', 'hop_invalid'],
  ],
  call: [
    ...['name_invalid', 'arguments_invalid', 'body_invalid', 'body_too_large'],
    ...['body_type_unsupported', 'datasets_count', 'dataset_missing', 'tool_unknown'],
    ...['argument_unlisted', 'dataset_unmappable', 'definition_changed'],
    ...['definition_unavailable', 'catalogue_unavailable', 'route_unknown'],
  ],
  holder: ['holder_unproven', 'proof_missing', 'proof_invalid', 'nonce_required'],
  freshness: ['tier_unknown', 'head_missing', 'head_stale'],
  stops: ['revoked', 'suspended', 'tool_denied'],
  time: ['expired'],
  grants: ['no_grant'],
  limits: ['caveat_failed', 'constraint_failed', 'scope_inexpressible'],
  server: [
    ...['budget_exhausted', 'budget_unmeasured', 'workflow_stopped', 'ledger_unavailable'],
    ...['record_unwritten', 'rate_limited', 'approval_used', 'flow_denied'],
    ...['flow_unapproved', 'labels_unavailable', 'url_unbound', 'history_limit'],
    ...['history_used', 'history_order', 'history_unmeasured', 'history_full'],
  ],
};

/** Returns what was checked before a denial, and the check that failed, with `summary`. */
export function checksOf(call: DeniedCall, summary: string): readonly ExplainedCheck[] {
  const failed = STEPS.find((step) => CODES[step].includes(call.code));
  // A message that no token is looked for in has no earlier steps.
  if (failed === undefined) return [{ step: 'message', passed: false, words: summary }];
  // Without a workflow, no token was verified: the call was refused before that.
  const first = call.workflow === undefined && failed !== 'token' ? STEPS.indexOf(failed) : 0;
  return [
    ...STEPS.slice(first, STEPS.indexOf(failed)).map((step) => ({
      step,
      passed: true,
      words: PASSED[step](call),
    })),
    { step: failed, passed: false, words: summary },
  ];
}
