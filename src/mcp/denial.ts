import type { JsonObject } from '../canonical-json.ts';
import type { Grant } from '../capability/index.ts';
import {
  type CallRefusal,
  type Denial,
  type NeededDetail,
  type Scheme,
  toWire,
  type WireDenial,
} from '../verifier/index.ts';
import type { McpMessage } from './message.ts';
import type { McpCall, NotOffered } from './operations.ts';

const GRANTS_SHOWN_MAX = 8; // More would fill the context of a model with what it did not ask.

/** A denied call, with what a model needs to continue without it. */
export interface DeniedCall {
  readonly denial: Denial | CallRefusal;
  readonly call: McpCall['call'];
  readonly needed?: readonly NeededDetail[] | undefined;
  /** Everything that the token grants. */
  readonly grants: readonly Grant[];
  /** Who mints capabilities. */
  readonly issuer: string;
}

/** A denial as a model reads it, and as a program does. */
export interface ReadableDenial {
  readonly text: string;
  readonly data: JsonObject;
}

/** A denied message, and what its response depends on besides the denial. */
export interface DeniedMessage {
  /** Absent if it was not read. */
  readonly message: McpMessage | undefined;
  readonly audience: string;
  readonly realm: string;
  /** The scheme in which the caller sent its token. */
  readonly scheme: Scheme | undefined;
}

/** What the caller learns of a denial. */
export interface DeniedWire {
  readonly code: string;
  readonly message: string;
  readonly status: WireDenial['status'];
  readonly error?: WireDenial['error'];
  readonly about?: WireDenial['about'];
}

/** Returns what the caller learns of a denial. */
export const wireOf = (denial: Denial | CallRefusal): DeniedWire =>
  'message' in denial ? denial : toWire(denial);

/** Says what was denied, why, what would be allowed, and how to ask for it. */
export function describeDenial(denied: DeniedCall): ReadableDenial {
  const { denial, call, needed, issuer } = denied;
  const { code, message, about, status } = wireOf(denial);
  const { tool, action } = call;
  const datasets = [call.dataset].flat();
  const on = datasets.length === 0 ? '' : ` on ${datasets.join(', ')}`;
  const lines = [
    `Denied: ${tool} (${action})${on} was not called.`,
    `Reason (${code}): ${message}`,
    ...allowedLines(denied),
    adviceLine(denied, status),
  ];
  const data = {
    code,
    message,
    tool,
    action,
    datasets,
    issuer,
    ...about,
    ...(needed && { authorization_details: needed }),
  } as unknown as JsonObject;
  return { text: lines.join('\n'), data };
}

/** What the same tool may do; if it may do nothing, what other tools may. */
function allowedLines({ grants, call }: DeniedCall): readonly string[] {
  const same = grants.filter(({ tool }) => tool === call.tool);
  const shown = (same.length > 0 ? same : grants).slice(0, GRANTS_SHOWN_MAX);
  if (shown.length === 0) return [];
  const intro =
    same.length > 0
      ? 'The capability allows this tool only:'
      : 'The capability does not have this tool. It allows:';
  return [intro, ...shown.map(describeGrant)];
}

function describeGrant({ tool, action, dataset, constraints }: Grant): string {
  const bounded = constraints === undefined ? '' : ', with constraints on its arguments';
  return `- ${tool} (${action}) on ${dataset} and below${bounded}`;
}

function adviceLine({ denial, needed, issuer }: DeniedCall, status: number): string {
  if (needed) {
    const details = JSON.stringify(needed);
    return `To be allowed, request this at ${issuer} with the same workflow: ${details}`;
  }
  if (status === 503 || status === 429) return 'Try again in a few seconds.';
  if (denial.code === 'caveat_failed') {
    return 'The capability was narrowed before this call. Use the one that it was narrowed from.';
  }
  if (denial.code === 'tool_denied') return 'An operator has blocked this tool. Do not try again.';
  return 'A wider capability does not help. Change the call, or do without it.';
}

/** Says why a message is no operation of this server. */
export function describeNotOffered(why: NotOffered, method: string): ReadableDenial {
  const { code } = why;
  switch (code) {
    case 'method_denied': {
      const message = `This server does not offer ${method}.`;
      return { text: message, data: { code, message } };
    }
    case 'answer_unjudged': {
      const message = 'This server does not accept answers to questions of its tools.';
      const text = `Denied: the answer was not used.\nReason (${code}): ${message}`;
      return { text, data: { code, message } };
    }
    case 'tool_unknown': {
      const message = 'This server has no such tool, or its owner has not described it.';
      const text = `Denied: ${why.tool} was not called.\nReason (${code}): ${message}`;
      return { text, data: { code, message, tool: why.tool } };
    }
    case 'arguments_invalid': {
      const { pointer } = why;
      const where = pointer === undefined ? '' : ` (argument ${pointer})`;
      const message = `The arguments are not accepted: ${why.why}${where}.`;
      const text = `Denied: the tool was not called.\nReason (${code}): ${message}`;
      return { text, data: { code, message, ...(pointer !== undefined && { argument: pointer }) } };
    }
  }
}
