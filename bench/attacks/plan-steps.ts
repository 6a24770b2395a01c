import type { Task } from '../agent-authz-bench/index.ts';

/**
 * A planner outside of the agent that narrows the capability to one tool at a time, in the order of
 * the plan. A step may repeat its tool. An attacker has every step of the plan, since it waits for
 * the one that it needs.
 */
export class PlanSteps {
  readonly #tools: readonly string[];
  #next = 0;

  constructor({ plan }: Task) {
    this.#tools = plan.map((call) => call.function);
  }

  allows(tool: string, person: 'approves' | 'declines'): boolean {
    if (person === 'declines') return this.#tools.includes(tool);
    const at = this.#tools.indexOf(tool, Math.max(0, this.#next - 1));
    if (at < 0) return false;
    this.#next = at + 1;
    return true;
  }
}
