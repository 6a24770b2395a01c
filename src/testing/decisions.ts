import { ok } from '../result.ts';
import type { Decision, DecisionRecorder } from '../verifier/index.ts';

/** Keeps the decisions of a protection in memory. Refuses no call, and sends nothing. */
export function decisionList(): {
  readonly decisions: readonly Decision[];
  readonly records: DecisionRecorder;
} {
  const decisions: Decision[] = [];
  return {
    decisions,
    records: {
      verifier: 'test',
      denied: (decision) => void decisions.push(decision),
      open: async (decision) => {
        decisions.push(decision);
        return ok({ close: () => undefined });
      },
      flush: async () => undefined,
    },
  };
}
