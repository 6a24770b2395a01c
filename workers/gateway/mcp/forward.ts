import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import type { Forwarded, Hold } from '../call/transport.ts';
import { type Forwarding, wholeAnswer } from './answer.ts';
import type { StreamOf } from './from-server/notifications.ts';
import type { McpMessage } from './message.ts';
import { answerStream } from './stream/answer-stream.ts';
import { type Outgoing, readWhole, sendUpstream } from './upstream.ts';

/**
 * Forwards a message under an id of our own and returns the answer under the agent's id. If the
 * server streams and the answer is not the first message, the agent gets a stream too.
 */
export async function forward(forwarding: Forwarding, hold: Hold): Promise<Forwarded> {
  const { state, route, message, takesEvents } = forwarding;
  const { workflow, server } = route;
  const { id: agentId } = message;
  const request = agentId === undefined ? undefined : { workflow, server, id: agentId };
  const id = request && state.inFlight.begin(request);
  const end = (): void => {
    if (request && id !== undefined) state.inFlight.end(request, id);
  };
  const sent = await sendUpstream(route.upstream, outgoingOf(forwarding, id));
  if (id === undefined || !takesEvents || !isStream(sent.response)) {
    const answer = await readWhole(sent);
    end();
    return wholeAnswer(forwarding, answer);
  }
  const stream = { id, ...progressTokenOf(message) };
  return answerStream({ sent, stream, end, ...forwarding, response: sent.response }, hold);
}

function outgoingOf(
  { route, message, params, repeated }: Forwarding,
  id: string | undefined,
): Outgoing {
  const { caller, version, session } = route;
  return {
    method: message.method,
    caller,
    ...(id !== undefined && { id }),
    ...(params && { params: id === undefined ? params : withOwnProgressToken(params, id) }),
    ...(version !== undefined && { version }),
    ...(session !== undefined && { session }),
    ...(repeated && { repeated }),
  };
}

/** Whether the response is a stream of events with which the server accepted the request. */
const isStream = (response: Response | undefined): response is Response =>
  response?.ok === true &&
  (response.headers.get('content-type') ?? '').startsWith('text/event-stream');

/** The server learns our id instead of the agent's token: agents choose the same tokens. */
function withOwnProgressToken(params: JsonObject, id: string): JsonObject {
  const { _meta: meta } = params;
  if (!isJsonObject(meta) || !('progressToken' in meta)) return params;
  return { ...params, _meta: { ...meta, progressToken: id } as JsonObject };
}

function progressTokenOf({ params }: McpMessage): Pick<StreamOf, 'progressToken'> {
  const meta = params?._meta;
  const token = isJsonObject(meta) ? meta.progressToken : undefined;
  return typeof token === 'string' || typeof token === 'number' ? { progressToken: token } : {};
}
