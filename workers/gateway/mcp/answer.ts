import { sha256 } from '@noble/hashes/sha2.js';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { toHex, utf8 } from '../../../src/encoding.ts';
import type { Forwarded } from '../call/transport.ts';
import type { McpMessage } from './message.ts';
import { withoutOwnKeys } from './own-keys.ts';
import { failureResponse } from './responses.ts';
import { type McpState, type Route, sealSession } from './route.ts';
import { type CallOfTask, withSealedTask } from './tasks.ts';
import type { Outgoing, UpstreamAnswer } from './upstream.ts';

/** A message on its way, and what its answer becomes. */
export interface Forwarding {
  readonly state: McpState;
  readonly route: Route;
  readonly message: McpMessage;
  readonly params: JsonObject | undefined;
  /** Headers that repeat arguments, with their values. */
  readonly repeated?: Outgoing['repeated'];
  /** Whether the agent reads a stream of events. */
  readonly takesEvents: boolean;
  /** Whether it prefers one to an answer in JSON. */
  readonly prefersEvents?: boolean;
  /** Whether the answer is a stream that stays open. */
  readonly isHeld?: boolean | undefined;
  /** The call whose answer this is, if it is that of another message. */
  readonly call?: CallOfTask | undefined;
  /** Changes the answer, which has the agent's id, on its way. */
  readonly rewrite?: ((answer: JsonObject) => JsonObject | Promise<JsonObject>) | undefined;
}

/** Returns the answer under the agent's id, as the agent receives it. */
export async function rewritten(
  { state, route, message, rewrite }: Forwarding,
  answer: JsonObject,
): Promise<JsonObject> {
  const named = { ...withoutOwnKeys(answer), id: message.id ?? null };
  const changed = rewrite ? await rewrite(named) : named;
  if (message.method !== 'tools/call') return changed;
  const { tasks, sessions } = state;
  const { workflow, server } = route;
  const target = message.params?.name;
  const call = { method: message.method, ...(typeof target === 'string' && { target }) };
  return withSealedTask(changed, { tasks, sessions, owner: { workflow, server } }, call);
}

/** Answers with one JSON-RPC message, or with the failure of the server. */
export async function wholeAnswer(
  forwarding: Forwarding,
  answer: UpstreamAnswer,
): Promise<Forwarded> {
  const { outcome, failure } = answer;
  const { state, route, message } = forwarding;
  if (failure) return { outcome, response: failureResponse(failure, message.id) };
  const headers = new Headers({ 'cache-control': 'no-store' });
  const sealed = await sealSession(state.sessions, route, answer.session);
  if (sealed !== undefined) headers.set('mcp-session-id', sealed);
  if (!answer.message) return { outcome, response: new Response(null, { status: 202, headers }) };
  const body = utf8(JSON.stringify(await rewritten(forwarding, answer.message)));
  headers.set('content-type', 'application/json');
  return {
    response: new Response(body, { status: outcome.status, headers }),
    outcome: { ...outcome, answer: toHex(sha256(body)) },
  };
}

/** Returns the answer to a notification that is not forwarded. */
export const accepted = (): Forwarded => ({
  response: new Response(null, { status: 202, headers: { 'cache-control': 'no-store' } }),
  outcome: { status: 202, result: 'ok', bytes: 0, milliseconds: 0 },
});
