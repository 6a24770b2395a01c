import { historyRules, parseCatalogue } from '../../../src/catalogue/index.ts';
import {
  commitHistory,
  EMPTY_HISTORY,
  type HistoryRefusal,
  type HistoryRule,
  measure,
  noteHistory,
  pointersFor,
  reserveHistory,
  rulesOf,
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

/**
 * Plays a story. Returns the code with which each step is refused. Returns undefined for an allowed
 * one.
 */
export function play(
  rules: readonly HistoryRule[],
  steps: readonly Step[],
): readonly (string | undefined)[] {
  let state = EMPTY_HISTORY;
  let now = 1_000_000;
  return steps.map(({ at, call: tool, args = {}, ends = 'ok' }, index) => {
    now = at === undefined ? now : 1_000_000 + at;
    if (ends === 'denied') {
      state = noteHistory(rules, state, { tool, end: 'failed' }, now);
      return 'denied';
    }
    const pointers = rulesOf(rules, tool).flatMap((rule) => pointersFor(rule, tool));
    const call = { tool, nonce: `${index}`, measured: measure(args, pointers) };
    const reserved = reserveHistory(rules, state, call, now);
    if (!reserved.ok) return reserved.error.code;
    state = commitHistory(reserved.value, call.nonce, ends);
    return undefined;
  });
}
