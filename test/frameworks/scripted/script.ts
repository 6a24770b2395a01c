/** What the scripted models do, and what they saw: the same in every framework. */

export interface Step {
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
}

/**
 * A report with an injected instruction, what it asks for, the same in another spelling, and two
 * summaries.
 */
export const STEPS: readonly Step[] = [
  { tool: 'read_text_file', args: { path: 'reports/customer-feedback.md' } },
  { tool: 'read_text_file', args: { path: 'private/salaries.csv' } },
  { tool: 'read_text_file', args: { path: 'reports/../private/salaries.csv' } },
  { tool: 'write_file', args: { path: 'summaries/churn.md', content: '# Churn\n' } },
  { tool: 'write_file', args: { path: 'summaries/causes.md', content: '# Causes\n' } },
];

export const ANSWER = 'finished';

/** What a model was given. It does the steps from one to another. */
export class Seen {
  tools: readonly string[] = [];
  /** The last input of each turn, as JSON: the result of the step before is in it. */
  readonly turns: string[] = [];
  readonly #steps: readonly Step[];

  constructor(from = 0, to = STEPS.length) {
    this.#steps = STEPS.slice(from, to);
  }

  /** Returns the next step, or undefined after the last one. */
  next(tools: readonly string[], input: unknown): (Step & { readonly id: string }) | undefined {
    this.tools = tools;
    const step = this.#steps[this.turns.length];
    this.turns.push(JSON.stringify(input));
    return step && { ...step, id: `call_${this.turns.length}` };
  }
}
