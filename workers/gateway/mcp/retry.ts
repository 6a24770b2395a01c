import { canonicalJson, isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import type { GatewayDenial } from '../call/denial.ts';
import { allowedInputs, forwardedInputs } from './from-server/inputs.ts';
import type { Incoming } from './methods/index.ts';
import { allowedRequests } from './params.ts';
import type { SessionOwner } from './session.ts';

/**
 * Multi-round-trip requests (MCP 2026-07-28): a server that needs input answers with
 * `inputRequests` and an opaque `requestState`, and the client sends the same call again with
 * `inputResponses` and that state. The call is judged, charged and recorded again each time.
 *
 * The state is sealed to the workflow and to the call. Otherwise an agent could send the state of
 * one call with another, and a server that trusts its state would carry out a call that was never
 * judged.
 */

/** Returns what of the agent's answers, and the state of the server, reaches the server. */
export async function openRound(
  incoming: Incoming,
  owner: SessionOwner,
): Promise<Result<JsonObject, GatewayDenial>> {
  const { inputResponses: responses, requestState: sealed } = incoming.message.params ?? {};
  const inputs = isJsonObject(responses)
    ? forwardedInputs(responses, allowedRequests(incoming))
    : {};
  const round = isJsonObject(responses) ? { inputResponses: inputs } : {};
  if (sealed === undefined) return ok(round);
  const { sessions } = incoming.gateway;
  const state =
    typeof sealed === 'string'
      ? await sessions.openAs('state', sealed, owner, callOf(incoming))
      : undefined;
  return state === undefined
    ? refuse({ code: 'state_unknown' })
    : ok({ ...round, requestState: state });
}

/**
 * Seals the state in an answer. Leaves out requests that the deployment does not let the server
 * send: the client would answer them, and the answer would be dropped.
 */
export async function sealRound(
  incoming: Incoming,
  owner: SessionOwner,
  answer: JsonObject,
): Promise<JsonObject> {
  const { result } = answer;
  if (!isJsonObject(result) || result.resultType !== 'input_required') return answer;
  const { inputRequests: requests, requestState: state } = result;
  const allowed = allowedRequests(incoming);
  const { sessions } = incoming.gateway;
  const rewritten = {
    ...result,
    ...(isJsonObject(requests) && { inputRequests: allowedInputs(requests, allowed) }),
    ...(typeof state === 'string' && {
      requestState: await sessions.sealAs('state', state, owner, callOf(incoming)),
    }),
  };
  return { ...answer, result: rewritten };
}

/** The call as it was judged: its method, and what it names, with its arguments. */
function callOf({ message: { method, params = {} } }: Incoming): string {
  const { name = null, uri = null, arguments: args = {} } = params;
  return canonicalJson([method, name, uri, args]);
}
