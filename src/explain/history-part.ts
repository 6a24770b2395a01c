import { historyRules, parseCatalogue } from '../catalogue/index.ts';
import { describeRule } from '../history/index.ts';
import { entryAt } from './catalogue-part.ts';
import type { DeniedCall, ExplainedRule, Explanation, Known } from './explanation.ts';
import { amountOf } from './history-sentences.ts';
import { quoted } from './quoted.ts';
import { adviceOf } from './sentences.ts';

type Part = Omit<Explanation, 'code' | 'summary' | 'checks'>;

/** Returns the rule over history that refused a call, and what it would have allowed. */
export function historyPart(call: DeniedCall, { version }: Known): Part {
  const { rule: id } = call.detail ?? {};
  const rule = version && id !== undefined ? ruleIn(version, String(id)) : undefined;
  return { ...(rule && { rule }), allowed_instead: allowedInstead(call) };
}

/** The rule of the version that decided, as the catalogue has it. */
function ruleIn(version: NonNullable<Known['version']>, id: string): ExplainedRule | undefined {
  const catalogue = parseCatalogue(version.catalogue);
  const rule = catalogue.ok && historyRules(catalogue.value).find((one) => one.id === id);
  return rule ? entryAt(version, { key: 'id', value: id }, describeRule(rule)) : undefined;
}

function allowedInstead(call: DeniedCall): string {
  const { detail } = call;
  if (call.code !== 'history_limit' || detail?.left === undefined) return adviceOf(call);
  const { left, seconds } = detail;
  const rest = Number(left) === 0 ? 'Nothing now.' : `At most ${amountOf(detail, left)} more.`;
  return seconds === undefined
    ? `${rest} Splitting the call does not help.`
    : `${rest} It may allow more in ${quoted(seconds)} s. Splitting the call does not help.`;
}
