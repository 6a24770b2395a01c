import { type Action, type Grant, writeScope } from '../capability/index.ts';
import type { Denial } from './decision.ts';

/** A call as it was judged; the evidence of a decision is one where the call could be described. */
interface JudgedCall {
  readonly tool?: string;
  readonly action?: string;
  readonly datasets?: readonly string[];
}

/** `authorization_details` (RFC 9396) with every grant that a call needs. */
export interface NeededDetail {
  readonly type: 'hewn_task';
  readonly grants: readonly Grant[];
}

/**
 * What to ask the issuer for where a grant is missing: every grant that the call needs, so that one
 * step-up is enough. Undefined for every other denial. It repeats the caller's own call, and says
 * nothing of what the token or the policy has.
 */
export function neededDetails(
  denial: { readonly code: string } | Denial,
  call: JudgedCall,
): readonly NeededDetail[] | undefined {
  const { tool, action, datasets } = call;
  if (denial.code !== 'no_grant' || tool === undefined || !datasets) return undefined;
  const grants = [...new Set(datasets)].map((dataset): Grant => {
    // A denial for want of a grant is made of a call whose action was one.
    return { tool, action: action as Action, dataset };
  });
  return [{ type: 'hewn_task', grants }];
}

/**
 * The parameter of an `insufficient_scope` challenge (RFC 6750 section 3, MCP 2026-07-28): all that
 * the call needs, in one challenge.
 */
export const scopeParameter = (details: readonly NeededDetail[]): string =>
  `scope="${writeScope(details.flatMap(({ grants }) => grants))}"`;

/** The denial with its challenge: the scope in the header, the same as details in the JSON body. */
export async function withNeeded(
  response: Response,
  details: readonly NeededDetail[] | undefined,
): Promise<Response> {
  const challenge = response.headers.get('www-authenticate');
  if (!details || challenge === null) return response;
  const headers = new Headers(response.headers);
  headers.set('www-authenticate', `${challenge}, ${scopeParameter(details)}`);
  const body = (await response.json()) as object;
  const { status } = response;
  return Response.json({ ...body, authorization_details: details }, { status, headers });
}
