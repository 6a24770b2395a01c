import type { UnixSeconds } from '../clock.ts';
import { commitHistory, refundHistory, reserveHistory } from './keep.ts';
import { measure } from './measure.ts';
import { noteHistory } from './note.ts';
import type { HistoryRefusal } from './refusal.ts';
import {
  HISTORY_SCOPES,
  type HistoryRule,
  type HistoryScope,
  pointersFor,
  rulesOf,
} from './rule.ts';
import { EMPTY_HISTORY, type HistoryState } from './state.ts';

/**
 * How a call of a trial ends. `returned`: it was charged, and not made. `denied`: something other
 * than a rule over history denies it.
 */
export const TRIAL_ENDS = ['ok', 'failed', 'open', 'returned', 'denied'] as const;

/** A call of a trial. `workflow` is the root; each scope has a name. */
export interface TrialCall extends Readonly<Record<HistoryScope, string>> {
  readonly at: UnixSeconds;
  readonly tool: string;
  readonly args: unknown;
  readonly ends: (typeof TRIAL_ENDS)[number];
}

/** Judges calls one after the other, as the objects of an issuer do. Undefined: allowed. */
export function tryHistory(
  rules: readonly HistoryRule[],
  calls: readonly TrialCall[],
): readonly (HistoryRefusal | undefined)[] {
  const states = new Map<string, HistoryState>();
  const keyOf = (scope: HistoryScope, call: TrialCall) => JSON.stringify([scope, call[scope]]);
  const stateOf = (key: string) => states.get(key) ?? EMPTY_HISTORY;
  const note = (call: TrialCall, isByHistory: boolean) => {
    const key = keyOf('workflow', call);
    const event = { tool: call.tool, end: 'failed', isByHistory } as const;
    states.set(key, noteHistory(rules, stateOf(key), event, call.at));
  };
  return calls.map((call, index) => {
    const { tool, args, at, ends } = call;
    if (ends === 'denied') {
      note(call, false);
      return undefined;
    }
    const pointers = rulesOf(rules, tool).flatMap((rule) => pointersFor(rule, tool));
    const charge = { tool, nonce: `${index}`, measured: measure(args, pointers) };
    const next = new Map<string, HistoryState>();
    for (const scope of HISTORY_SCOPES) {
      const own = rules.filter((rule) => rule.scope === scope);
      const key = keyOf(scope, call);
      const reserved = reserveHistory(own, stateOf(key), charge, at);
      if (!reserved.ok) {
        note(call, true);
        return reserved.error;
      }
      next.set(key, reserved.value);
    }
    for (const [key, state] of next) {
      const { nonce } = charge;
      const ended =
        ends === 'returned' ? refundHistory(state, nonce) : commitHistory(state, nonce, ends);
      states.set(key, ended);
    }
    return undefined;
  });
}
