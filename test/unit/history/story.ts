import { historyRules, parseCatalogue } from '../../../src/catalogue/index.ts';
import {
  type HistoryRefusal,
  type HistoryRule,
  type TrialCall,
  tryHistory,
} from '../../../src/history/index.ts';

/** One call of a story: when it is made, how it ends, and what the rules decide. */
export interface Step {
  /** Seconds after the begin of the story. */
  readonly at?: number;
  readonly call: string;
  readonly args?: Readonly<Record<string, unknown>>;
  /** How the call ends. `denied`: something else than a rule over history denies it. */
  readonly ends?: 'ok' | 'failed' | 'open' | 'denied';
  /** The code of the refusal. It is absent if the call is allowed. */
  readonly refused?: HistoryRefusal['code'];
}

/** Returns a catalogue with a tool for each name, and these rules. */
export function catalogueWith(tools: Readonly<Record<string, readonly string[]>>, rules: string) {
  const entries = Object.entries(tools).map(
    ([name, names]) =>
      `[[tool]]\nname = "${name}"\naction = "write"\ntier = 3\narguments = ${JSON.stringify(names)}\ndatasets = [{ fixed = "claims" }]\nsinks = []\n`,
  );
  return `${entries.join('\n')}\n${rules}`;
}

export function rulesIn(toml: string): readonly HistoryRule[] {
  const catalogue = parseCatalogue(toml);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return historyRules(catalogue.value);
}

const ONE = { workflow: 'wf', agent: 'agent', subject: 'subject', owner: 'owner' } as const;

/**
 * Plays a story. Returns the code with which each step is refused. Returns undefined for an allowed
 * one.
 */
export function play(
  rules: readonly HistoryRule[],
  steps: readonly Step[],
): readonly (string | undefined)[] {
  let now = 0;
  const calls = steps.map(({ at = now, call: tool, args = {}, ends = 'ok' }): TrialCall => {
    now = at;
    return { ...ONE, at: 1_000_000 + at, tool, args, ends };
  });
  return tryHistory(rules, calls).map((refusal, i) =>
    steps[i]?.ends === 'denied' ? 'denied' : refusal?.code,
  );
}
