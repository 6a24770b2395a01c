import type { RefusedGrant } from '../../../src/policy/index.ts';

const GRANTS_NAMED_MAX = 4; // The rest is refused for the same reasons, as a rule.
const DESCRIPTION_UNITS_MAX = 1_000;

/**
 * Says for each refused grant which rule refused it, by its file and line: the author of the agent
 * can then ask the author of the policy. The text of a rule stays with the policy.
 */
export function describeRefused(refused: readonly RefusedGrant[]): string {
  const named = refused.slice(0, GRANTS_NAMED_MAX).map(describeOne);
  const more = refused.length - named.length;
  const all = more > 0 ? [...named, `and ${more} more`] : named;
  // RFC 6749 section 5.2 allows printable ASCII without quotes and backslashes.
  return all
    .join('; ')
    .replace(/[^ !#-[\]-~]/g, '?')
    .slice(0, DESCRIPTION_UNITS_MAX);
}

function describeOne(refused: RefusedGrant): string {
  const { tool, action, dataset } = refused.grant;
  return `${tool} (${action}) on ${dataset}: ${reasonOf(refused)}`;
}

function reasonOf(refused: RefusedGrant): string {
  switch (refused.code) {
    case 'no_rule':
      return 'no rule allows it';
    case 'denied':
      return `denied by the rule at ${refused.at.file}:${refused.at.line}`;
    case 'check_failed':
      return `the check at ${refused.at.file}:${refused.at.line} failed`;
    case 'user_missing':
      return 'no rule allows it without a user';
    case 'sink_open':
      return `the argument ${refused.pointer} needs a constraint`;
    case 'constraints_unmet':
      return `the constraints of ${refused.pointer} contradict those of the policy`;
    default:
      return refused.code;
  }
}
