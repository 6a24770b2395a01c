import { printFact } from '../biscuit/index.ts';
import { decide, readGrant, unfitInput } from './decide.ts';
import type { LoadedRules } from './evaluate.ts';
import { judge } from './judged.ts';
import { nearestRules } from './nearest.ts';
import type { GrantExplanation, PolicyInput } from './policy.ts';

/** Decides each grant as `decide` does, and says for a person how it came to that. */
export function explain(rules: LoadedRules, input: PolicyInput): readonly GrantExplanation[] {
  const { granted, refused, owner = '' } = decide(rules, input);
  const { catalogue } = rules;
  return input.requests.map((grant): GrantExplanation => {
    const asked = unfitInput(input) ? undefined : readGrant(catalogue, grant);
    // What is unfit is refused before anything is stated of it.
    const stated = asked?.ok ? judge(rules, input, asked.value).facts : [];
    const facts = stated.map(printFact);
    const given = granted.find(({ requested }) => requested === grant);
    if (given) {
      const { requested: _, ...rest } = given;
      return { grant, decided: { granted: true, owner, ...rest }, facts, nearest: [] };
    }
    const refusal = refused.find((one) => one.grant === grant);
    if (!refusal) throw new Error('a grant is refused without a reason');
    const { grant: _, ...reason } = refusal;
    const nearest = reason.code === 'no_rule' ? nearestRules(rules, stated) : [];
    return { grant, decided: { granted: false, reason }, facts, nearest };
  });
}
