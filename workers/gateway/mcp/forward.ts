import { isJsonObject, type JsonObject } from '../../../src/canonical-json.ts';
import type { Forwarded, Hold } from '../call/transport.ts';
import { type Forwarding, wholeAnswer } from './answer.ts';
import type { StreamedRequest, StreamOf } from './from-server/stream-of.ts';
import type { McpMessage } from './message.ts';
import { hasSessions } from './session.ts';
import { answerStream } from './stream/answer-stream.ts';
import { isLines } from './stream/lines.ts';
import { isStream, type Outgoing, readWhole, sendUpstream } from './upstream.ts';

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
  const isEvents = isStream(sent.response) || (forwarding.isHeld && isLines(sent.response));
  if (id === undefined || !takesEvents || !isEvents || !sent.response) {
    const answer = await readWhole(sent);
    end();
    return wholeAnswer(forwarding, answer);
  }
  const stream: StreamOf = {
    sessions: state.sessions,
    tasks: state.tasks,
    owner: { workflow, server },
    session: route.session,
    hasEventIds: hasSessions(route.version),
    allowed: route.upstream.serverRequests,
    asked: new Map(),
    request: { ...streamedRequest(message, id), call: forwarding.call },
  };
  if (forwarding.isHeld) sent.deadline.extendToBound();
  const streaming = { ...forwarding, sent, stream, end, response: sent.response };
  return answerStream({ ...streaming, mayBeWhole: !forwarding.prefersEvents }, hold);
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
    version,
    session,
    ...(repeated && { repeated }),
  };
}

/** The server learns our id instead of the agent's token: agents choose the same tokens. */
function withOwnProgressToken(params: JsonObject, id: string): JsonObject {
  const { _meta: meta } = params;
  if (!isJsonObject(meta) || !('progressToken' in meta)) return params;
  return { ...params, _meta: { ...meta, progressToken: id } as JsonObject };
}

function streamedRequest({ id: agentId, method, params }: McpMessage, id: string) {
  const meta = params?._meta;
  const token = isJsonObject(meta) ? meta.progressToken : undefined;
  const target = params?.name ?? params?.uri;
  const request: StreamedRequest = {
    id,
    agentId: agentId ?? '',
    method,
    target: typeof target === 'string' ? target : undefined,
    progressToken: typeof token === 'string' || typeof token === 'number' ? token : undefined,
  };
  return request;
}
