import { type HistoryRule, tryHistory } from '../../history/index.ts';
import type { HistoryCase } from './history-cases.ts';

/** An expectation of a case that the decision does not meet. */
export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly decided: string;
}

/** What the rules over history decided on the calls of a story. */
export interface HistoryResult {
  readonly file: string;
  readonly name: string;
  readonly calls: readonly { readonly tool: string; readonly decided: string }[];
  /** Empty if the story passed. */
  readonly differences: readonly Difference[];
}

export function runHistoryCase(
  rules: readonly HistoryRule[],
  file: string,
  { name, calls }: HistoryCase,
): HistoryResult {
  const refusals = tryHistory(rules, calls);
  const decided = calls.map(({ tool, ends }, index) => {
    const refusal = refusals[index];
    const elsewhere = ends === 'denied' ? 'denied by something else' : 'allowed';
    return { tool, decided: refusal ? `denied by ${refusal.rule} (${refusal.code})` : elsewhere };
  });
  const differences = calls.flatMap(({ tool, deniedBy }, index): readonly Difference[] => {
    if (refusals[index]?.rule === deniedBy) return [];
    const expected = deniedBy === undefined ? 'allowed' : `denied by ${deniedBy}`;
    const what = `call ${index + 1} (${tool})`;
    return [{ what, expected, decided: decided[index]?.decided ?? 'allowed' }];
  });
  return { file, name, calls: decided, differences };
}
