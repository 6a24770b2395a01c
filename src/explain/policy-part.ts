import { type Grant, isAction } from '../capability/index.ts';
import type { GrantExplanation, NearRule, RefusalReason } from '../policy/index.ts';
import { proposeRule } from './change.ts';
import type {
  DeniedCall,
  ExplainedRule,
  ExplainedVersion,
  Explanation,
  Known,
} from './explanation.ts';
import { quoted } from './quoted.ts';
import { grantedInstead } from './sentences.ts';

/** What the policy says about a call that no grant covers. */
export type PolicyPart = Pick<Explanation, 'allowed_instead'> &
  Partial<Pick<Explanation, 'rule' | 'change' | 'warning'>>;

/** Asks the policy that decided whether it would have granted the call, and why not. */
export function policyPart(call: DeniedCall, known: Known): PolicyPart {
  const instead = grantedInstead(call, known);
  const { version, input } = known;
  const wanted = wantedOf(call);
  if (!version || !input || !wanted) return { allowed_instead: instead };
  const [explained] = version.policy.explain({ ...input, requests: [wanted] });
  if (!explained) return { allowed_instead: instead };
  const { decided } = explained;
  if (decided.granted) {
    return {
      rule: ruleAt(version, decided.at, 'This rule would have granted it.'),
      allowed_instead: `${instead} The policy would also grant this call: the agent did not ask for it.`,
    };
  }
  const refused = refusedPart(version, explained, decided.reason);
  const change =
    decided.reason.code === 'no_rule'
      ? proposeRule(version, { ...input, requests: [wanted] }, explained.nearest)
      : undefined;
  return {
    ...refused,
    allowed_instead: instead,
    ...(change && { change, warning: priceOf(wanted, call) }),
  };
}

/** The grant that would cover the call. */
function wantedOf({ tool, action, datasets = [], detail }: DeniedCall): Grant | undefined {
  const dataset = detail?.dataset === undefined ? datasets[0] : String(detail.dataset);
  if (tool === undefined || dataset === undefined || !isAction(action)) return undefined;
  return { tool, action, dataset };
}

function refusedPart(
  version: ExplainedVersion,
  { nearest: [near] }: GrantExplanation,
  reason: RefusalReason,
): Pick<PolicyPart, 'rule' | 'warning'> {
  if ('at' in reason) {
    return {
      rule: ruleAt(version, reason.at, 'This rule refuses it, whatever others allow.'),
      warning: 'The policy refuses this on purpose. Look at the reason of the rule first.',
    };
  }
  if (reason.code !== 'no_rule') {
    return { warning: `The policy would refuse the grant with ${reason.code}.` };
  }
  return near ? { rule: ruleAt(version, near.at, nearWords(near)) } : {};
}

function nearWords({ conditions }: NearRule): string {
  const missing = conditions.filter(({ outcome }) => outcome !== 'matched').map(({ text }) => text);
  return `No rule allows it. This one is the nearest, and lacks ${missing.join(', ')}.`;
}

/** Returns a statement of a version as it is written. */
export function ruleAt(
  { id, files }: ExplainedVersion,
  { file, line }: { readonly file: string; readonly line: number },
  words: string,
): ExplainedRule {
  const { source = '' } = files.find(({ name }) => name === file) ?? {};
  const place = { file, line, text: statementAt(source, line), words };
  return id === undefined ? place : { version: id, ...place };
}

/** Lines of a statement that are shown. */
const STATEMENT_LINES_MAX = 12;

/** Returns the statement that begins on a line, to its semicolon. */
function statementAt(source: string, line: number): string {
  const lines = source.split('\n').slice(line - 1, line - 1 + STATEMENT_LINES_MAX);
  const end = lines.findIndex((one) => /;\s*(?:\/\/.*)?$/.test(one));
  return lines.slice(0, end === -1 ? lines.length : end + 1).join('\n');
}

const priceOf = ({ tool, action, dataset }: Grant, { agent }: DeniedCall): string =>
  `This would let every run of ${quoted(agent)} that meets these conditions ${action} ${quoted(dataset)} with ${quoted(tool)}, and not only this one. To allow it once, let the agent ask for a step-up.`;
