import type { DeviationRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { isTerminal, stateAt } from '../../../src/lifecycle/index.ts';
import { breaker, type IssuerEnv } from '../platform/env.ts';
import { rootOf } from './id.ts';
import type { Intents } from './intents.ts';
import type { StoredFinding } from './monitor.ts';
import { attributionOf, type WorkflowRows } from './rows.ts';
import type { Transitions } from './transitions.ts';

/** What may be done about a finding: the outcome before the transition is tried. */
export type Verdict = 'act' | 'shadow' | 'absorbed' | 'breaker';

const targetOf = ({ action, workflow }: StoredFinding): string =>
  action === 'revoke_root' ? rootOf(workflow) : workflow;

/** Asks the breaker, if there is anything to stop. Throws if it does not answer. */
export async function judgeFinding(
  env: IssuerEnv,
  rows: WorkflowRows,
  finding: StoredFinding,
): Promise<Verdict> {
  if (finding.shadow) return 'shadow';
  const row = rows.find(targetOf(finding));
  const now = readSeconds();
  if (!row || isTerminal(stateAt(row.life, now))) return 'absorbed';
  const { rule, version } = finding;
  const answer = await breaker(env).ask({ rule, version, workflow: targetOf(finding) });
  return answer.act ? 'act' : 'breaker';
}

/** Acts on a finding and records the effect. Call it in a transaction. */
export function enforceRule(
  finding: StoredFinding,
  verdict: Verdict,
  rows: WorkflowRows,
  transitions: Transitions,
  intents: Intents,
): void {
  const { id, workflow, rule, version, action, evidence } = finding;
  const [target, at] = [targetOf(finding), readClock()];
  const command = {
    move: action === 'revoke_root' ? ('revoke' as const) : action,
    by: 'rule' as const,
    actor: `rule:${rule}@${version}`,
    reason: `the rule ${rule} holds`,
    evidence,
  };
  // Refused if another rule or an operator has just stopped the workflow: the finding is absorbed.
  const acted = verdict === 'act' && transitions.decide(target, command, at).ok;
  const effect = verdict === 'act' ? (acted ? 'acted' : 'absorbed') : verdict;
  const record: DeviationRecord = {
    event: 'deviation',
    id,
    at,
    ...attributionOf(rows.find(workflow), workflow),
    rule,
    version,
    action,
    effect,
    evidence,
  };
  intents.add({ target, record });
}
