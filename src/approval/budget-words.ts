import { isJsonObject, type Json, type JsonObject } from '../canonical-json.ts';
import { escapeHidden } from '../escape-hidden.ts';
import { printableJson } from './printable-json.ts';

const MICROS = 1_000_000;

/** Budgets that are one number. */
const COUNTS: Readonly<Record<string, string>> = {
  calls: 'calls',
  denials: 'denied calls',
  wallSeconds: 'seconds from its begin to its end',
  delegationDepth: 'levels of workflows below it',
};

/** Returns a line for each budget of a workflow. One of an unknown form is shown as it is. */
export function budgetWords(budgets: Json): readonly string[] {
  if (!isJsonObject(budgets)) return [printableJson(budgets)];
  return Object.entries(budgets).flatMap(([member, value]): readonly string[] => {
    const noun = Object.hasOwn(COUNTS, member) ? COUNTS[member] : undefined;
    if (noun !== undefined && typeof value === 'number') return [`${value} ${noun}`];
    const each = member === 'tools' ? toolWords : member === 'sums' ? sumWords : undefined;
    if (each && Array.isArray(value)) {
      return value.map((one) => (isJsonObject(one) ? each(one) : undefined) ?? printableJson(one));
    }
    return [`${escapeHidden(member)} ${printableJson(value)}`];
  });
}

function toolWords({ tool, calls, ...rest }: JsonObject): string | undefined {
  if (typeof tool !== 'string' || typeof calls !== 'number' || hasMore(rest)) return undefined;
  return `${calls} calls of ${escapeHidden(tool)}`;
}

function sumWords({ tool, pointer, micros, ...rest }: JsonObject): string | undefined {
  if (typeof tool !== 'string' || typeof pointer !== 'string' || typeof micros !== 'number') {
    return undefined;
  }
  if (hasMore(rest)) return undefined;
  return `${micros / MICROS} as the sum of ${escapeHidden(pointer)} of ${escapeHidden(tool)}`;
}

const hasMore = (rest: JsonObject): boolean => Object.keys(rest).length > 0;
