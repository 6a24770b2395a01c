import { printFact } from '../biscuit/index.ts';
import { decide, readGrant, validateInput } from './decide.ts';
import type { LoadedRules } from './evaluate.ts';
import { nearestRules } from './nearest.ts';
import type { GrantExplanation, PolicyInput } from './policy.ts';
import { prepareGrant } from './prepared-grant.ts';

/** Decides each grant as `decide` does, and explains the decision to a person. */
export function explain(rules: LoadedRules, input: PolicyInput): readonly GrantExplanation[] {
  const { granted, refused, owner = '' } = decide(rules, input);
  const { catalogue } = rules;
  return input.requests.map((grant): GrantExplanation => {
    // An invalid input is refused before it has any facts.
    const read = validateInput(input) ? undefined : readGrant(catalogue, grant);
    const stated = read?.ok ? prepareGrant(rules, input, read.value).facts : [];
    const facts = stated.map(printFact);
    const given = granted.find(({ requested }) => requested === grant);
    if (given) {
      const { requested: _, ...rest } = given;
      return { grant, decided: { granted: true, owner, ...rest }, facts, nearest: [] };
    }
    const refusal = refused.find((one) => one.grant === grant);
    if (!refusal) throw new Error('the policy refused a grant without a reason');
    const { grant: _, ...reason } = refusal;
    const nearest = reason.code === 'no_rule' ? nearestRules(rules, stated) : [];
    return { grant, decided: { granted: false, reason }, facts, nearest };
  });
}
