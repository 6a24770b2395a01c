import type { DeviationRecord } from '../../../src/audit/index.ts';
import { readClock, readSeconds } from '../../../src/clock.ts';
import { isTerminal, stateAt } from '../../../src/lifecycle/index.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import { breaker, type IssuerEnv } from '../platform/env.ts';
import { notify } from '../watchdog/notify.ts';
import { rootOf } from './id.ts';
import type { Intents } from './intents.ts';
import type { DeviationMonitor, StoredFinding } from './monitor.ts';
import { attributionOf, type WorkflowRows } from './rows.ts';
import type { Transitions } from './transitions.ts';
import type { TreeRow } from './tree-row.ts';

const BREAKER_ANSWER_MILLISECONDS = 5_000;

/** What may be done about a finding: the outcome before the transition is tried. */
type Verdict = 'act' | 'shadow' | 'absorbed' | 'breaker';

interface EnforcementParts {
  readonly ctx: DurableObjectState;
  readonly env: () => IssuerEnv;
  readonly tree: TreeRow;
  readonly rows: WorkflowRows;
  readonly transitions: Transitions;
  readonly intents: Intents;
  readonly monitor: DeviationMonitor;
}

/** Acts on the findings of the deviation rules, as far as the breaker allows. */
export class RuleEnforcement {
  readonly #parts: EnforcementParts;

  constructor(parts: EnforcementParts) {
    this.#parts = parts;
  }

  /** If the breaker does not answer, the finding stays open and the alarm retries it. */
  async actOn(finding: StoredFinding): Promise<void> {
    const { tree, monitor } = this.#parts;
    try {
      const verdict = await within(this.#judge(finding), BREAKER_ANSWER_MILLISECONDS);
      const effect = tree.transact(() => {
        // Another event may have acted on it while the breaker was being asked.
        if (!monitor.open().some(({ id }) => id === finding.id)) return undefined;
        const enforced = this.#enforce(finding, verdict);
        monitor.done(finding.id);
        return enforced;
      });
      if (effect === 'acted') this.#tell(finding);
    } catch (error) {
      const { workflow, rule } = finding;
      report('workflow.finding', { workflow, rule, why: String(error) });
    }
  }

  /** Asks the breaker, if there is anything to stop. Throws if it does not answer. */
  async #judge(finding: StoredFinding): Promise<Verdict> {
    if (finding.shadow) return 'shadow';
    const row = this.#parts.rows.find(targetOf(finding));
    const now = readSeconds();
    if (!row || isTerminal(stateAt(row.life, now))) return 'absorbed';
    const { rule, version } = finding;
    const request = { rule, version, workflow: targetOf(finding) };
    const answer = await breaker(this.#parts.env()).ask(request);
    return answer.act ? 'act' : 'breaker';
  }

  /** Acts on a finding and records the effect, in a transaction. */
  #enforce(finding: StoredFinding, verdict: Verdict): DeviationRecord['effect'] {
    const { rows, transitions, intents } = this.#parts;
    const { id, workflow, rule, version, action, evidence } = finding;
    const [target, at] = [targetOf(finding), readClock()];
    const command = {
      move: action === 'revoke_root' ? ('revoke' as const) : action,
      by: 'rule' as const,
      actor: `rule:${rule}@${version}`,
      reason: `the rule ${rule} holds`,
      evidence,
    };
    // Refused if a rule or an operator has just stopped the workflow: the finding is absorbed.
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
    return effect;
  }

  #tell(finding: StoredFinding): void {
    const { rule, version, action } = finding;
    const data = { rule: `${rule}@${version}`, workflow: targetOf(finding), action };
    this.#parts.ctx.waitUntil(notify(this.#parts.env(), { type: 'rule.suspended', data }));
  }
}

const targetOf = ({ action, workflow }: StoredFinding): string =>
  action === 'revoke_root' ? rootOf(workflow) : workflow;
