import { amountText } from './budgets.ts';

/** A rule over history: how much of it is used, and by whom. */
export interface HistoryRow {
  readonly name: string;
  /** 0 to 1. Absent if the rule has no bound of an amount, or its use is unknown. */
  readonly part?: number;
  readonly text: string;
  readonly words: string;
}

interface HistoryRule {
  readonly rule: string;
  readonly words: string;
  readonly scope: string;
  readonly of: string;
  readonly used?: number | undefined;
  readonly reserved?: number | undefined;
  readonly most?: number | undefined;
}

/** Returns a row for each rule. The name in `of` is shown, unless it is the workflow's own id. */
export const historyRows = (rules: readonly HistoryRule[]): readonly HistoryRow[] =>
  rules.map(({ rule, words, scope, of, used, reserved = 0, most }) => {
    const whose = scope === 'workflow' ? 'this workflow and those below it' : `${scope} ${of}`;
    const bound = most === undefined ? '' : ` of ${amountText(most)}`;
    const open = reserved > 0 ? `, ${amountText(reserved)} of it reserved` : '';
    const state = used === undefined ? 'use unknown' : `${amountText(used)}${bound}${open}`;
    const part = used === undefined || most === undefined ? undefined : partOf(used, most);
    return {
      name: rule,
      text: `${state}, by ${whose}`,
      words,
      ...(part !== undefined && { part }),
    };
  });

const partOf = (used: number, most: number): number => (most === 0 ? 1 : Math.min(1, used / most));
