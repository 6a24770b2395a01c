import type { Json, JsonObject } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import type { ApprovalOffer, NeededDetail } from '../verifier/index.ts';
import { type DenyingRule, describeAuthor, describeCaveat } from './rule.ts';

const GRANTS_SHOWN_MAX = 8; // More would fill the context of a model with what it did not ask.
const DETAILS_UNITS_MAX = 2_000; // The same; the machine form has all of them.
const QUOTED_UNITS_MAX = 512; // Of one rule, or of one name.

/** A denied tool call, with what a model needs to continue without it. */
export interface DeniedToolCall {
  readonly code: string;
  /** What happened, in one line. */
  readonly message: string;
  /** The HTTP status of the code, from which some of the advice follows. */
  readonly status: number;
  readonly retryAfterSeconds?: number | undefined;
  readonly rule: DenyingRule;
  readonly call: {
    readonly tool: string;
    readonly action?: string | undefined;
    readonly datasets?: readonly string[] | undefined;
  };
  /** What can be requested from the issuer, if a wider capability is all that the call lacks. */
  readonly needed?: readonly NeededDetail[] | undefined;
  /** Where the approval of exactly this call can be requested, if that is all that it lacks. */
  readonly approval?: ApprovalOffer | undefined;
  /** Everything that the token grants. */
  readonly grants: readonly Grant[];
  /** What the token requires of the arguments, in words: a phrase for each. */
  readonly required?: readonly string[] | undefined;
  /** Who mints capabilities. */
  readonly issuer: string;
  /** Further members of the machine form. */
  readonly extra?: JsonObject | undefined;
}

/** A denial as a model reads it, and as a program does. */
export interface ReadableDenial {
  readonly text: string;
  readonly data: JsonObject;
}

/**
 * Says what was denied, why and by whose rule, what would be allowed, and how to ask for it. The
 * holder of a token can read its blocks, so nothing of them is secret from it.
 */
export function describeToolDenial(denied: DeniedToolCall): ReadableDenial {
  const { code, message, call, rule, needed, approval, issuer, retryAfterSeconds, extra } = denied;
  const { tool, action, datasets = [] } = call;
  const doing = action === undefined ? '' : ` (${action})`;
  const on = datasets.length === 0 ? '' : ` on ${datasets.join(', ')}`;
  const why = rule.why === undefined ? '' : ` (${rule.why})`;
  const lines = [
    `Denied: ${tool}${doing}${on} was not called.`,
    `Reason (${code}): ${message}${why}`,
    describeAuthor(rule),
    ...allowedLines(denied),
    approval && `A person can approve exactly this call: ask at ${approval.endpoint}`,
    adviceLine(denied),
  ];
  const { pointer, block, author, source } = rule;
  const data = {
    code,
    message,
    tool,
    ...(action !== undefined && { action }),
    ...(call.datasets && { datasets }),
    issuer,
    ...(author !== undefined && { by: author }),
    ...(block !== undefined && { block }),
    ...(pointer !== undefined && { pointer: cut(pointer) }),
    ...(source !== undefined && { rule: cut(source) }),
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(needed && { authorization_details: needed as unknown as Json }),
    ...(approval && { approval: { ...approval } }),
    ...extra,
  } as JsonObject;
  const shown = lines.filter((line) => line !== undefined).map(oneLine);
  return { text: shown.join('\n'), data };
}

/** What the caveat allows; or what the same tool may do, or else what other tools may. */
function allowedLines({ grants, call, rule, required = [] }: DeniedToolCall): readonly string[] {
  const caveat = rule.author === 'caveat' ? describeCaveat(rule.source ?? '') : undefined;
  if (caveat !== undefined) return [`The caveat allows ${caveat}.`];
  const same = grants.filter(({ tool }) => tool === call.tool);
  const shown = (same.length > 0 ? same : grants).slice(0, GRANTS_SHOWN_MAX);
  if (shown.length === 0) return [];
  const intro =
    same.length > 0
      ? 'The capability allows this tool only:'
      : 'The capability does not have this tool. It allows:';
  const bounds = same.length > 0 && required.length > 0 ? required : [];
  return [
    intro,
    ...shown.map(describeGrant),
    ...(bounds.length > 0 ? ['With these arguments only:'] : []),
    ...bounds.map((phrase) => `- ${phrase}`),
  ];
}

function describeGrant({ tool, action, dataset, constraints }: Grant): string {
  const bounded = constraints === undefined ? '' : ', with constraints on its arguments';
  return `- ${tool} (${action}) on ${dataset} and below${bounded}`;
}

function adviceLine({
  code,
  status,
  needed,
  issuer,
  retryAfterSeconds = 1,
}: DeniedToolCall): string {
  if (needed) {
    const details = JSON.stringify(needed);
    const shown = details.length > DETAILS_UNITS_MAX ? 'the grants in the machine form' : details;
    return `To be allowed, request this at ${issuer} with the same workflow: ${shown}`;
  }
  if (status === 503 || status === 429) return `Try again in ${retryAfterSeconds} s.`;
  return ADVICE[code] ?? 'A wider capability does not help. Change the call, or do without it.';
}

/** What helps, where it is something else than a wider capability or another call. */
const ADVICE: Readonly<Record<string, string>> = {
  caveat_failed: 'Use the capability that this one was narrowed from.',
  tool_denied: 'An operator has blocked this tool. Do not try again.',
  definition_changed: 'Use another tool, until an operator has accepted the change.',
  tool_unknown: 'Use only tools that the list of tools has.',
  argument_unlisted: 'Leave the argument out.',
  dataset_missing: 'Pass the argument.',
  flow_denied: 'Do not send this: the workflow has read data that must not leave.',
  workflow_stopped: 'Stop: the workflow has ended or is suspended.',
  approval_used: 'Ask for another approval of the call.',
  history_limit: 'Do not split the call. Stay within what is left, or stop.',
  history_used: 'Get a new value, such as a new approval.',
  history_order: 'Make the calls in the order that the rule requires.',
  history_unmeasured: 'Pass a value in the argument.',
  budget_exhausted: 'Stop, or ask an operator for a larger budget.',
};

const cut = (text: string): string => text.slice(0, QUOTED_UNITS_MAX).toWellFormed();

/** Names come from the call itself. A line end in one would write lines that we did not write. */
const oneLine = (line: string): string =>
  line.toWellFormed().replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ');
