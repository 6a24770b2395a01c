import type { JsonObject } from '../canonical-json.ts';
import {
  type Action,
  type Call,
  type Grant,
  type Pinnable,
  pinSinks,
  writeScope,
} from '../capability/index.ts';
import { isOneOfCodes, STEP_UP_CODES } from '../denials/index.ts';
import { pointerTo, readPointer } from '../json-pointer.ts';

/** The members of a denial that decide about a step-up, from a decision or from its record. */
interface Denied {
  /** A record of another release may have a code that this one does not know. */
  readonly code?: string | undefined;
  /** The token's block whose check failed. Block 0 is the issuer's. */
  readonly block?: number;
  /** RFC 6901 pointer of the argument that a constraint denied. */
  readonly pointer?: string;
}

/** `authorization_details` (RFC 9396) with every grant that a call needs. */
export interface NeededDetail {
  readonly type: 'hewn_task';
  readonly grants: readonly Grant[];
}

/**
 * Returns what the caller can ask the issuer for, if a grant is missing or its constraints deny the
 * call: the grants that exactly this call needs. Each sink is pinned to the value in the call, and
 * unused sinks are closed, so an approval of it allows nothing else. Undefined for every other
 * denial, and for a call that no constraint can express. The answer repeats the caller's own call
 * and reveals nothing about the token or the policy.
 *
 * `listed` is the tool's entry in the catalogue. Without it, every argument of a call that does
 * more than read counts as a sink, because none is known to be harmless.
 */
export function neededDetails(
  denial: Denied,
  call: Pick<Call, 'tool' | 'action' | 'dataset' | 'args'>,
  listed?: Pinnable,
): readonly NeededDetail[] | undefined {
  const { tool, action, args = {} } = call;
  if (!invitesStepUp(denial)) return undefined;
  const sinks = [...(listed?.sinks ?? unlistedSinks(action, args)), ...deniedSink(denial)];
  const pinned = pinSinks(args, { arguments: listed?.arguments ?? Object.keys(args), sinks });
  if (!pinned) return undefined;
  const datasets = new Set([call.dataset].flat());
  const grants = [...datasets].map((dataset): Grant => ({ tool, action, dataset, ...pinned }));
  return [{ type: 'hewn_task', grants }];
}

/**
 * Returns whether a wider capability of the same workflow is all that the call lacks. False if a
 * later block denies the call: its holder narrowed the token, and still has the wider one.
 */
export const invitesStepUp = ({ code, block }: Denied): boolean =>
  isOneOfCodes(STEP_UP_CODES, code) && (code === 'no_grant' || block === 0);

const unlistedSinks = (action: Action, args: JsonObject): readonly string[] =>
  action === 'read' ? [] : Object.keys(args).map((name) => pointerTo('', name));

/** An argument that a constraint denied is pinned to its value, whether it is a sink or not. */
function deniedSink({ pointer = '' }: Denied): readonly string[] {
  const [name] = readPointer(pointer) ?? [];
  return name === undefined ? [] : [pointerTo('', name)];
}

/**
 * Returns the `scope` parameter of an `insufficient_scope` challenge (RFC 6750 section 3, MCP
 * 2026-07-28) with everything that the call needs. Undefined if constraints are part of it: a scope
 * cannot express them, and without them it would ask for more.
 */
export function scopeParameter(details: readonly NeededDetail[]): string | undefined {
  const grants = details.flatMap(({ grants: needed }) => needed);
  return grants.some(({ constraints }) => constraints !== undefined)
    ? undefined
    : `scope="${writeScope(grants)}"`;
}

/** Returns a denial with what is needed: as a scope in its header, as members of its JSON body. */
export async function withNeeded(
  response: Response,
  details: readonly NeededDetail[] | undefined,
  approval?: ApprovalOffer | undefined,
): Promise<Response> {
  const challenge = response.headers.get('www-authenticate');
  if (!(details || approval) || challenge === null) return response;
  const headers = new Headers(response.headers);
  const scope = details && scopeParameter(details);
  if (scope !== undefined) headers.set('www-authenticate', `${challenge}, ${scope}`);
  const body = (await response.json()) as object;
  const { status } = response;
  // JSON leaves out what is undefined.
  const needed = { ...body, authorization_details: details, approval };
  return Response.json(needed, { status, headers });
}

/** Where an agent can ask for the approval of exactly the call that was denied. */
export interface ApprovalOffer {
  readonly endpoint: string;
}

/**
 * Returns where the approval of a person can be requested, by the token of the call. Returns
 * undefined unless that is all that the call lacks.
 */
export const approvalOffer = (
  { approvable }: { readonly code: string; readonly approvable?: true },
  token: { readonly issuer: string; readonly workflow: string } | undefined,
): ApprovalOffer | undefined =>
  approvable && token && { endpoint: `${token.issuer}/workflows/v1/${token.workflow}/approvals` };
