import type { Step } from './story.ts';

/**
 * The examples that AWS publishes for temporal policies of Amazon Bedrock AgentCore, as rules of
 * ours: "Temporal policy examples" of its developer guide,
 * https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/example-policies-temporal.html,
 * read in November 2026. The intents are theirs in our words; rules and stories are our own.
 */
export interface TemporalExample {
  /** The heading of the example in the guide. */
  readonly name: string;
  /** The `[[history]]` of a catalogue. */
  readonly rules: string;
  readonly stories: readonly (readonly Step[])[];
}

/** The tools of the insurance gateway that the guide uses, as far as the examples need them. */
export const INSURANCE: Readonly<Record<string, readonly string[]>> = {
  approve_claim: ['claim_id'],
  delete_claim: ['claim_id'],
  disburse_payment: ['claim_id', 'amount_cents'],
  file_claim: ['description'],
  get_claim_status: ['claim_id'],
};

const rule = (id: string, body: string): string =>
  `[[history]]\nid = "${id}"\nreason = "an example"\n${body}\n`;

const pay = (claim: string, step: Partial<Step> = {}): Step => ({
  call: 'disburse_payment',
  args: { claim_id: claim, amount_cents: 100_000 },
  ...step,
});
const approve = (claim: string, step: Partial<Step> = {}): Step => ({
  call: 'approve_claim',
  args: { claim_id: claim },
  ...step,
});
const look = (claim: string, step: Partial<Step> = {}): Step => ({
  call: 'get_claim_status',
  args: { claim_id: claim },
  ...step,
});
const remove = (claim: string, step: Partial<Step> = {}): Step => ({
  call: 'delete_claim',
  args: { claim_id: claim },
  ...step,
});
const file = (step: Partial<Step> = {}): Step => ({ call: 'file_claim', ...step });

const LIMIT = { refused: 'history_limit' } as const;
const ORDER = { refused: 'history_order' } as const;

export const TEMPORAL_EXAMPLES: readonly TemporalExample[] = [
  {
    name: 'Require a prior approval for the same claim',
    rules: rule(
      'approved-claim',
      'kind = "after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nsame = "/claim_id"\nwithin = 3600',
    ),
    stories: [[pay('c1', ORDER)], [approve('c1'), pay('c1')], [approve('c1'), pay('c2', ORDER)]],
  },
  {
    name: 'Require a prerequisite action',
    rules: rule(
      'looked-up',
      'kind = "after"\ntools = ["approve_claim"]\nof = ["get_claim_status"]\nresult = "any"\nwithin = 300',
    ),
    stories: [[approve('c1', ORDER)], [look('c1', { ends: 'failed' }), approve('c1')]],
  },
  {
    name: 'Require a successful prerequisite, recently',
    rules: rule(
      'looked-up',
      'kind = "after"\ntools = ["approve_claim"]\nof = ["get_claim_status"]\nwithin = 300',
    ),
    stories: [
      [approve('c1', ORDER)],
      [look('c1', { ends: 'failed' }), approve('c1', ORDER)],
      [look('c1'), approve('c1', { at: 299 })],
      [look('c1'), approve('c1', { at: 300, ...ORDER })],
    ],
  },
  {
    name: 'Cap how many times an action runs',
    rules: rule(
      'three-payments',
      'kind = "calls"\ntools = ["disburse_payment"]\nmost = 3\nwithin = 300',
    ),
    stories: [[pay('c1'), pay('c2'), pay('c3'), pay('c4', LIMIT), pay('c4', { at: 301 })]],
  },
  {
    name: 'Cap a running total',
    // The guide denies the call that reaches 300,000 cents, so the most is one cent less.
    rules: rule(
      'total',
      'kind = "sum"\nscope = "workflow"\ntools = ["disburse_payment"]\nargument = "/amount_cents"\nmost = 299999\nwithin = 300',
    ),
    stories: [[pay('c1'), pay('c2'), pay('c3', LIMIT), pay('c3', { at: 301 })]],
  },
  {
    name: 'Make each approval good for one use',
    rules: rule(
      'one-use',
      'kind = "after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nuses = 1\nwithin = 3600',
    ),
    stories: [[approve('c1'), pay('c1'), pay('c1', ORDER), approve('c2'), pay('c2')]],
  },
  {
    name: 'Enforce a cool-down',
    rules: rule(
      'cool-down',
      'kind = "not_after"\ntools = ["disburse_payment"]\nof = ["disburse_payment"]\nresult = "ok"\nwithin = 60',
    ),
    stories: [
      [pay('c1'), pay('c1', { at: 60, ...ORDER }), pay('c1', { at: 61 })],
      [pay('c1', { ends: 'failed' }), pay('c1')],
    ],
  },
  {
    name: 'Require a precondition that has not been invalidated',
    rules: rule(
      'standing',
      'kind = "after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nunless = ["get_claim_status"]\nwithin = 300',
    ),
    stories: [
      [pay('c1', ORDER), approve('c1'), pay('c1')],
      [approve('c1'), look('c1'), pay('c1', ORDER), approve('c1'), pay('c1')],
    ],
  },
  {
    name: 'Require a chain of actions in order',
    rules:
      rule(
        'link-1',
        'kind = "after"\ntools = ["approve_claim"]\nof = ["get_claim_status"]\nwithin = 300',
      ) +
      rule(
        'link-2',
        'kind = "after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nwithin = 300',
      ),
    stories: [
      [look('c1'), approve('c1'), pay('c1')],
      [approve('c1', ORDER), pay('c1', ORDER), look('c1'), pay('c1', ORDER)],
    ],
  },
  {
    name: 'Require two prerequisites in any order',
    rules:
      rule(
        'status',
        'kind = "after"\ntools = ["disburse_payment"]\nof = ["get_claim_status"]\nwithin = 3600',
      ) +
      rule(
        'approval',
        'kind = "after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nwithin = 3600',
      ),
    stories: [
      [look('c1'), pay('c1', ORDER), approve('c1'), pay('c1')],
      [approve('c1'), pay('c1', ORDER), look('c1'), pay('c1')],
    ],
  },
  {
    name: 'Make two actions mutually exclusive',
    rules:
      rule(
        'paid',
        'kind = "not_after"\ntools = ["delete_claim"]\nof = ["disburse_payment"]\nwithin = 120',
      ) +
      rule(
        'deleted',
        'kind = "not_after"\ntools = ["disburse_payment"]\nof = ["delete_claim"]\nwithin = 120',
      ),
    stories: [
      [pay('c1'), remove('c1', ORDER), remove('c1', { at: 121 })],
      [remove('c1', { ends: 'failed' }), pay('c1', ORDER)],
    ],
  },
  {
    name: 'Require a threshold number of events',
    rules: rule(
      'two-payments',
      'kind = "after"\ntools = ["delete_claim"]\nof = ["disburse_payment"]\nsame = "/claim_id"\nleast = 2\nwithin = 300',
    ),
    stories: [[pay('c1'), pay('c2'), remove('c1', ORDER), pay('c1'), remove('c1')]],
  },
  {
    name: 'Block an action after an earlier denial',
    rules: rule(
      'denied-before',
      'kind = "not_after"\ntools = ["disburse_payment"]\nof = ["approve_claim"]\nresult = "failed"\nwithin = 180',
    ),
    stories: [
      [approve('c1'), pay('c1')],
      [approve('c1', { ends: 'failed' }), pay('c1', ORDER), pay('c1', { at: 181 })],
      [approve('c1', { ends: 'denied' }), pay('c1', ORDER)],
    ],
  },
  {
    // Its other two conditions, on content and on a role, are a constraint and the policy.
    name: 'Combine temporal, guardrail, and request conditions',
    rules: rule('three-claims', 'kind = "calls"\ntools = ["file_claim"]\nmost = 3\nwithin = 86400'),
    stories: [[file(), file(), file(), file(LIMIT), file({ at: 86_401 })]],
  },
];
