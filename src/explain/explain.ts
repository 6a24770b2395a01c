import { entryOf } from './catalogue-part.ts';
import type { DeniedCall, Explanation, Known } from './explanation.ts';
import { historyPart } from './history-part.ts';
import { policyPart } from './policy-part.ts';
import { quoted } from './quoted.ts';
import { requirementOf } from './requirement.ts';
import { adviceOf, summaryOf } from './sentences.ts';
import { checksOf } from './steps.ts';
import { proposeWider } from './wider-rule.ts';

/**
 * Explains a denied call: what was checked in order, whose rule it was, what would have been
 * allowed, and the change of the policy that would allow it. The policy itself is asked, so an
 * explanation says what a mint would do. A part that needs something that is not known is left out.
 */
export function explainDenial(call: DeniedCall, known: Known = {}): Explanation {
  const summary = summaryOf(call);
  return {
    code: call.code,
    summary,
    checks: checksOf(call, summary),
    ...partOf(call, known),
  };
}

type Part = Omit<Explanation, 'code' | 'summary' | 'checks'>;

function partOf(call: DeniedCall, known: Known): Part {
  switch (call.code) {
    case 'no_grant':
      return policyPart(call, known);
    case 'constraint_failed':
      return constraintPart(call, known);
    case 'caveat_failed':
      return {
        allowed_instead: `The call that this token was narrowed to: ${quoted(call.detail?.source)}. The holder can narrow another one from its capability.`,
        warning:
          'No policy can allow this: the holder of the token set the limit itself. If the agent did not mean to make this call, something has changed it on its way.',
      };
    case 'tool_unknown':
      return {
        allowed_instead: 'Nothing: a tool that the catalogue does not list is denied.',
        warning:
          'Adding the tool to the catalogue lets the policy grant it. Look at what the tool does first.',
      };
    case 'dataset_unmappable':
      return catalogueWarned(
        call,
        known,
        'A path of plain segments, such as reports/q3.md.',
        'No policy can allow this. Paths with `..` or other spellings are refused, never repaired.',
      );
    case 'argument_unlisted':
      return catalogueWarned(
        call,
        known,
        'The same call without this argument.',
        'Adding the argument to the catalogue lets every holder of the tool send it.',
      );
    case 'holder_unproven':
    case 'hop_invalid':
      return {
        allowed_instead: 'The same call from the process that holds the key.',
        warning:
          'A token has probably leaked. It is worth nothing without the key, but find out how it left.',
      };
    case 'tool_denied':
    case 'revoked':
    case 'suspended':
      return {
        allowed_instead: adviceOf(call),
        warning: 'This is a stop, not a rule. The audit trail has who ordered it and why.',
      };
    case 'history_limit':
    case 'history_used':
    case 'history_order':
    case 'history_unmeasured':
    case 'history_full':
      return historyPart(call, known);
    default:
      return { allowed_instead: adviceOf(call) };
  }
}

function constraintPart(call: DeniedCall, known: Known): Part {
  const requirement = requirementOf(call, known);
  const { pointer = '', source } = call.detail ?? {};
  const where = pointer === '' ? 'arguments' : `the argument ${quoted(pointer)}`;
  const instead = `The same call with ${where} as the limit says: ${quoted(source)}.`;
  if (!requirement || !known.version) {
    return {
      allowed_instead: instead,
      warning:
        'The limit is in the capability, from its own request or from the policy. To allow one value once, let the agent ask for a step-up.',
    };
  }
  const widened = proposeWider(known.version, requirement, String(pointer));
  const why = 'why' in widened ? `${widened.why} ` : '';
  return {
    rule: requirement.rule,
    allowed_instead: instead,
    ...('change' in widened && { change: widened.change }),
    warning: `${why}Widening this rule widens it for every run that it is about. To allow one value once, let the agent ask for a step-up.`,
  };
}

function catalogueWarned(
  call: DeniedCall,
  { version }: Known,
  instead: string,
  warning: string,
): Part {
  const rule = version && entryOf(call, version, 'The entry of the tool in the catalogue.');
  return { ...(rule && { rule }), allowed_instead: instead, warning };
}
