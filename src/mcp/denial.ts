import type { Grant } from '../capability/index.ts';
import { describeToolDenial, type ReadableDenial, ruleOf } from '../tool-denial/index.ts';
import {
  type ApprovalOffer,
  type CallRefusal,
  type Denial,
  type NeededDetail,
  type Scheme,
  toWire,
  type WireDenial,
} from '../verifier/index.ts';
import type { McpMessage } from './message.ts';
import type { McpCall, NotOffered } from './operations.ts';

/** A denied call, with what a model needs to continue without it. */
export interface DeniedCall {
  readonly denial: Denial | CallRefusal;
  readonly call: McpCall['call'];
  readonly needed?: readonly NeededDetail[] | undefined;
  /** Where the approval of exactly this call can be requested, if that is all that it lacks. */
  readonly approval?: ApprovalOffer | undefined;
  /** Everything that the token grants. */
  readonly grants: readonly Grant[];
  /** What the token requires of the arguments, in words. */
  readonly required?: readonly string[] | undefined;
  /** Who mints capabilities. */
  readonly issuer: string;
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
export function describeDenial({ denial, call, ...known }: DeniedCall): ReadableDenial {
  const { code, message, status } = wireOf(denial);
  const { tool, action, dataset } = call;
  const named = { tool, action, datasets: [dataset].flat() };
  return describeToolDenial({ ...known, code, message, status, call: named, rule: ruleOf(denial) });
}
/** What is known of a message that is no operation of the server. */
interface Attempt extends Pick<DeniedCall, 'grants' | 'issuer'> {
  readonly method: string;
  /** The tool that it names, if there is one. */
  readonly tool?: string | undefined;
}

/** Says why a message is no operation of this server. */
export function describeNotOffered(why: NotOffered, attempt: Attempt): ReadableDenial {
  const { method, tool = '', grants, issuer } = attempt;
  const { code } = why;
  const of = (message: string, rule: Parameters<typeof ruleOf>[0]) =>
    describeToolDenial({
      code,
      message,
      status: 403,
      call: { tool },
      grants,
      issuer,
      rule: ruleOf(rule),
    });
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
    case 'tool_unknown':
      return of('This server has no such tool, or its owner has not described it.', why);
    case 'arguments_invalid':
      return of('The arguments are not accepted.', why);
  }
}
