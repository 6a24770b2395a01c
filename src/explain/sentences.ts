import { DENIALS, GATEWAY_ADVICE, GATEWAY_DENIALS, VERIFIER_ADVICE } from '../denials/index.ts';
import type { DeniedCall, Known } from './explanation.ts';
import { HISTORY_SENTENCES } from './history-sentences.ts';
import { quoted } from './quoted.ts';

const datasetsOf = ({ datasets = [], detail }: DeniedCall): string =>
  quoted(detail?.dataset ?? datasets[0]);

/** How the labels of a workflow were known, in words. */
const KNOWN: Readonly<Record<string, string>> = {
  exact: 'carries',
  leased: 'carried, at the last lease,',
  assumed: 'could have read, by the grants of its token,',
};

/** What the workflow has read, itself or before it began, and the reason of the rule. */
const flowSentence = ({ detail }: DeniedCall): string => {
  const how = KNOWN[String(detail?.label)] ?? 'carries';
  return `The workflow or one of its family ${how} ${quoted(detail?.labels)}: ${quoted(detail?.reason)}.`;
};

/** One sentence for a code whose data says more than its message. */
const SENTENCES: Readonly<Record<string, (call: DeniedCall) => string | undefined>> = {
  ...HISTORY_SENTENCES,
  no_grant: (call) =>
    `No grant covers ${quoted(call.action)} with ${quoted(call.tool)} on ${datasetsOf(call)}.`,
  constraint_failed: ({ detail, tool }) =>
    detail?.pointer
      ? `The argument ${quoted(detail.pointer)} of ${quoted(tool)} is outside the limit of the policy: ${quoted(detail.source)}.`
      : `The arguments of ${quoted(tool)} are outside the limit of the policy: ${quoted(detail?.source)}.`,
  caveat_failed: ({ detail }) =>
    `The holder narrowed the token to another call: block ${quoted(detail?.block)} limits ${detail?.pointer ? `the argument ${quoted(detail.pointer)}` : `the ${quoted(detail?.fact)}`}.`,
  expired: () => 'The token has expired.',
  revoked: ({ detail }) => `The ${quoted(detail?.by)} ${quoted(detail?.id)} is revoked.`,
  suspended: ({ detail }) => `The workflow ${quoted(detail?.id)} is suspended.`,
  tool_denied: ({ tool }) => `An operator denies the tool ${quoted(tool)} to every workflow.`,
  tool_unknown: ({ tool }) => `The tool ${quoted(tool)} is not in the catalogue.`,
  argument_unlisted: ({ detail, tool }) =>
    `The catalogue lists no argument ${quoted(detail?.pointer ?? detail?.argument)} for ${quoted(tool)}.`,
  dataset_unmappable: ({ detail }) =>
    `The argument ${quoted(detail?.pointer ?? detail?.argument)} names no dataset clearly${detail?.why === undefined ? '' : `: ${quoted(detail.why)}`}.`,
  flow_denied: (call) => flowSentence(call),
  flow_unapproved: (call) => `${flowSentence(call)} A person has to approve exactly this call.`,
  url_unbound: ({ detail, tool }) =>
    `The URL in ${quoted(detail?.pointer)} of ${quoted(tool)} is not bounded: ${quoted(detail?.why)}.`,
  holder_unproven: () =>
    'The token is bound to a key, and the caller did not prove to hold that key.',
  head_stale: ({ detail }) =>
    `The verifier's head of the trust feed was ${quoted(detail?.ageSeconds)} s old, and this tool allows ${quoted(detail?.boundSeconds)} s.`,
};

/** Returns what was wrong, in one sentence. */
export function summaryOf(call: DeniedCall): string {
  const { code } = call;
  const sentence = Object.hasOwn(SENTENCES, code) ? SENTENCES[code]?.(call) : undefined;
  if (sentence !== undefined) return sentence;
  const table: Readonly<Record<string, { readonly message: string }>> = {
    ...DENIALS,
    ...GATEWAY_DENIALS,
  };
  return Object.hasOwn(table, code)
    ? (table[code]?.message ?? code)
    : `Denied with ${quoted(code)}.`;
}

/** Returns what the agent can do instead, by the code alone. */
export function adviceOf({ code }: DeniedCall): string {
  const table: Readonly<Record<string, { readonly advice: string }>> = {
    ...VERIFIER_ADVICE,
    ...GATEWAY_ADVICE,
  };
  return Object.hasOwn(table, code) ? (table[code]?.advice ?? '') : '';
}

/** Returns what would have been allowed in place of a call that no grant covers. */
export function grantedInstead({ tool }: DeniedCall, { grants = [] }: Known): string {
  const own = grants.filter((grant) => grant.tool === tool);
  if (own.length > 0) {
    const list = own.map(
      ({ action, dataset }) => `${action} on ${quoted(dataset)} and everything below it`,
    );
    return `With ${quoted(tool)}: ${list.join('; ')}.`;
  }
  const tools = [...new Set(grants.map((grant) => grant.tool))].map(quoted);
  return tools.length === 0
    ? 'The grants of this workflow are not known.'
    : `Nothing with this tool. The workflow has grants for ${tools.join(', ')}.`;
}
