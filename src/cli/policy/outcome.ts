import type { Grant } from '../../capability/index.ts';
import type { Policy, PolicyDecision, PolicyInput, RefusalReason } from '../../policy/index.ts';

/** What became of one grant that was asked for. */
export interface Outcome {
  readonly grant: Grant;
  /** `granted`, or the code of the refusal. */
  readonly verdict: 'granted' | RefusalReason['code'];
  /** `file:line` of the rule that decided, where one did. */
  readonly rule?: string;
}

export interface Decided {
  readonly outcomes: readonly Outcome[];
  readonly owner?: string;
  readonly lifetimeSeconds: number;
}

/** The decision in the order of what was asked for. */
export function decideInOrder(policy: Policy, input: PolicyInput): Decided {
  const decision = policy.decide(input);
  const { owner, lifetimeSeconds } = decision;
  return {
    outcomes: input.requests.map((grant) => outcomeOf(decision, grant)),
    ...(owner !== undefined && { owner }),
    lifetimeSeconds,
  };
}

function outcomeOf({ granted, refused }: PolicyDecision, grant: Grant): Outcome {
  const yes = granted.find((one) => one.grant === grant);
  if (yes) return { grant, verdict: 'granted', rule: place(yes.at) };
  const no = refused.find((one) => one.grant === grant);
  if (!no) throw new Error('a policy decided on a grant that nobody asked for');
  return { grant, verdict: no.code, ...('at' in no && { rule: place(no.at) }) };
}

const place = ({ file, line }: { readonly file: string; readonly line: number }): string =>
  `${file}:${line}`;

export const showGrant = ({ tool, action, dataset }: Grant): string =>
  `${action} ${tool} on ${dataset}`;

export const showVerdict = (verdict: Outcome['verdict']): string =>
  verdict === 'granted' ? 'granted' : `refused (${verdict})`;

export function showOutcome({ grant, verdict, rule }: Outcome): string {
  const by = rule === undefined ? 'no rule' : rule;
  return `${showVerdict(verdict)}  ${showGrant(grant)}  [${by}]`;
}
