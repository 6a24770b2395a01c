import type { Budgets, ConstraintsByPointer, Grant } from '../capability/index.ts';
import type {
  OpenSink,
  Policy,
  PolicyDecision,
  PolicyInput,
  RefusalReason,
} from '../policy/index.ts';

/** The decision on one requested grant. */
export interface Outcome {
  readonly grant: Grant;
  /** `granted`, or the code of the refusal. */
  readonly verdict: 'granted' | RefusalReason['code'];
  /** `file:line` of the rule that decided, if one did. */
  readonly rule?: string;
  /** That rule, as the engine prints it. */
  readonly ruleText?: string;
  /** The constraints of the grant, if there are any. */
  readonly constraints?: ConstraintsByPointer;
  /** The sinks that a granted one leaves open. */
  readonly openSinks?: readonly OpenSink[];
  /** Whether a person must approve a granted one. */
  readonly approvalRequired?: boolean;
  /** The sink because of which it was refused. */
  readonly pointer?: string;
}

export interface Decided
  extends Pick<PolicyDecision, 'tier' | 'budgets' | 'lifetimeSeconds' | 'holderRequired'> {
  readonly outcomes: readonly Outcome[];
  readonly owner?: string;
  readonly approvalRequired: boolean;
}

/** Decides, and returns the outcomes in the order of the requests. */
export function decideInOrder(policy: Policy, input: PolicyInput): Decided {
  const decision = policy.decide(input);
  const { owner, lifetimeSeconds, tier, budgets, approvalRequired, holderRequired } = decision;
  return {
    outcomes: input.requests.map((grant) => outcomeOf(decision, grant)),
    ...(owner !== undefined && { owner }),
    lifetimeSeconds,
    tier,
    budgets,
    approvalRequired,
    holderRequired,
  };
}

function outcomeOf({ granted, refused }: PolicyDecision, grant: Grant): Outcome {
  const yes = granted.find(({ requested }) => requested === grant);
  if (yes) {
    const { constraints } = yes.grant;
    const { openSinks, approvalRequired } = yes;
    return {
      grant,
      verdict: 'granted',
      rule: place(yes.at),
      ruleText: yes.rule,
      openSinks,
      approvalRequired,
      ...(constraints && { constraints: constraints.constraints }),
    };
  }
  const no = refused.find((one) => one.grant === grant);
  if (!no) throw new Error('the policy did not decide on a requested grant');
  return {
    grant,
    verdict: no.code,
    ...('at' in no && { rule: place(no.at), ruleText: no.rule }),
    ...('pointer' in no && { pointer: no.pointer }),
  };
}

const place = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  `${file}:${line}`;

export const showGrant = ({ tool, action, dataset }: Grant): string =>
  `${action} ${tool} on ${dataset}`;

export const showVerdict = (verdict: Outcome['verdict']): string =>
  verdict === 'granted' ? 'granted' : `refused (${verdict})`;

export function showOutcome(outcome: Outcome): string {
  const { grant, verdict, rule, pointer } = outcome;
  const by = rule === undefined ? 'no rule' : rule;
  const at = pointer === undefined ? '' : `  ${showPointer(pointer)}`;
  return `${showVerdict(verdict)}  ${showGrant(grant)}${at}  [${by}]${showTerms(outcome)}`;
}

/** Renders the terms of a granted one. */
export function showTerms(
  outcome: Pick<Outcome, 'constraints' | 'openSinks' | 'approvalRequired'>,
): string {
  const { constraints = {}, openSinks = [], approvalRequired } = outcome;
  return [
    ...Object.entries(constraints).map(([at, kept]) => `${at} ${JSON.stringify(kept)}`),
    ...openSinks.map(({ pointer, bound, reason = 'a person must approve' }) => {
      const how = bound === undefined ? 'open' : `bounded only by the ${bound}`;
      return `${showPointer(pointer)} ${how}: ${reason}`;
    }),
    ...(approvalRequired ? ['needs approval'] : []),
  ]
    .map((term) => `  ${term}`)
    .join('');
}

const showPointer = (pointer: string): string => (pointer === '' ? 'all arguments' : pointer);

/** Renders the whole decision: `owner team:growth, at most 300 s, tier 2, calls 40`. */
export function showWhole(decided: Omit<Decided, 'outcomes'>): string {
  const { owner = 'none', lifetimeSeconds, tier, budgets } = decided;
  const counted = showBudgets(budgets);
  return [`owner ${owner}`, `at most ${lifetimeSeconds} s`, `tier ${tier}`, ...counted].join(', ');
}

function showBudgets({ tools = [], sums = [], ...counts }: Budgets): readonly string[] {
  return [
    ...Object.entries(counts).map(([name, most]) => `${name} ${most}`),
    ...tools.map(({ tool, calls }) => `calls of ${tool} ${calls}`),
    ...sums.map(({ tool, pointer, micros }) => `sum of ${tool} ${pointer} ${micros} micros`),
  ];
}
