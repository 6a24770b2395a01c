import type { JsonObject } from '../../../src/canonical-json.ts';
import { ok, refuse } from '../../../src/result.ts';
import type { Admitted, Exchange, Hold, NotForwarded } from '../call/transport.ts';
import type { Gateway } from '../gateway.ts';
import type { CallerFacts, Upstream } from '../upstream/index.ts';
import { type Forwarding, wholeAnswer } from './answer.ts';
import { openPosition, type Position, type StreamOf } from './from-server/stream-of.ts';
import { continuedTask, methodOf } from './methods/index.ts';
import { denialResponse } from './responses.ts';
import { type Route, routeOf } from './route.ts';
import { hasSessions } from './session.ts';
import { answerStream } from './stream/answer-stream.ts';
import { isStream, type Outgoing, readWhole, sendUpstream } from './upstream.ts';

/** The requests of a session that carry no message: GET opens a stream, and DELETE ends it. */
export type SessionVerb = 'GET' | 'DELETE';

/** Whether the revision that a request names has such requests: later ones do without sessions. */
export const isOfSession = ({ headers }: Request): boolean =>
  hasSessions(headers.get('mcp-protocol-version') ?? undefined);

/** Reads a request without a body of a session. */
export function readSessionRequest(
  gateway: Gateway,
  server: string,
  request: Request,
  verb: SessionVerb,
): Exchange {
  const { headers } = request;
  return {
    method: verb,
    deny: (denial, context) => denialResponse(denial, context),
    operation: (judging) => {
      const upstream = gateway.upstreams.get(server);
      if (upstream?.kind !== 'mcp') return refuse({ denial: { code: 'server_unknown' } });
      return ok({
        kind: 'message',
        route: async (caller, admission) => {
          const owner = ownerOf(server, upstream, caller);
          const route = await routeOf(gateway.sessions, owner, headers);
          if (!route.ok) return refuse({ denial: route.error });
          const verbOnly = { gateway, route: route.value, headers };
          if (verb === 'DELETE') return ok(() => endSession(verbOnly));
          const position = await positionOf(verbOnly);
          if (position === 'unknown') return eventUnknown;
          const opening = { ...verbOnly, position, admission, judging };
          // What ends the stream of a call ends its continuation too.
          const mayRead = (): boolean => mayUseToolOf(opening);
          if (!mayRead()) return eventUnknown;
          return ok((hold) => openStream(opening, whileAllowed(hold, mayRead)));
        },
      });
    },
  };
}

const eventUnknown = refuse<NotForwarded>({ denial: { code: 'event_unknown' } });

const ownerOf = (server: string, upstream: Upstream, caller: CallerFacts) => {
  const { workflow } = caller;
  return { workflow, server, upstream, caller };
};

interface OfSession {
  readonly gateway: Gateway;
  readonly route: Route;
  readonly headers: Headers;
}

/** Returns where the client wants to continue; undefined at the beginning. */
async function positionOf({
  gateway: { sessions },
  route,
  headers,
}: OfSession): Promise<Position | undefined | 'unknown'> {
  const sealed = headers.get('last-event-id');
  if (sealed === null) return undefined;
  const place = { sessions, owner: route, session: route.session };
  return (await openPosition(place, sealed)) ?? 'unknown';
}

async function endSession({ gateway, route }: OfSession) {
  const answer = await readWhole(await sendUpstream(route.upstream, bare(route, 'DELETE')));
  return wholeAnswer(bareForwarding(gateway, route), answer);
}

interface Opening extends OfSession {
  readonly position: Position | undefined;
  readonly admission: Admitted;
  readonly judging: Parameters<Exchange['operation']>[0];
}

/** Returns a hold that also ends once `may` is false, such as when its tool is denied. */
export const whileAllowed = (hold: Hold, may: () => boolean): Hold => ({
  keepAlive: hold.keepAlive,
  mayContinue: async () => (await hold.mayContinue()) && may(),
});

/** Whether the token may still use the tool whose answer is to come; true if it is of none. */
function mayUseToolOf({ route, position, admission, judging }: Opening): boolean {
  const { request } = position ?? {};
  const ofCall = request?.method === 'tools/call' ? request.target : undefined;
  const target = request?.call?.target ?? ofCall;
  if (target === undefined) return true;
  const tool = judging.catalogue?.get(`mcp/${route.server}/${target}`);
  if (admission.isObserved?.(tool?.name)) return true;
  return tool !== undefined && admission.canUse(tool.name, tool.action);
}

/** Opens the server's stream, or continues one whose client was disconnected. */
async function openStream(opening: Opening, hold: Hold) {
  const { gateway, route, position } = opening;
  const outgoing = { ...bare(route, 'GET'), lastEventId: position?.eventId };
  const sent = await sendUpstream(route.upstream, outgoing);
  const forwarding = resumed(opening);
  const { response } = sent;
  if (!isStream(response)) return wholeAnswer(forwarding, await readWhole(sent));
  sent.deadline.extendToBound();
  const { upstream, session, workflow, server } = route;
  const stream: StreamOf = {
    sessions: gateway.sessions,
    tasks: gateway.tasks,
    owner: { workflow, server },
    session,
    hasEventIds: true,
    allowed: upstream.serverRequests,
    asked: new Map(),
    request: position?.request,
  };
  const streaming = { ...forwarding, sent, response, stream, end: () => undefined };
  return answerStream({ ...streaming, mayBeWhole: false }, hold);
}

/** Returns how the answer of a continued request is rewritten, as on the stream it began on. */
function resumed({ gateway, route, headers, position, admission, judging }: Opening): Forwarding {
  const request = position?.request;
  if (!request) return bareForwarding(gateway, route);
  const { method, agentId: id, target } = request;
  const named = target === undefined ? {} : { params: { name: target, uri: target } };
  const message = { method, id, ...named };
  const { workflow, server } = route;
  const incoming = { gateway, server, headers, message, judging };
  const context = { incoming, owner: { workflow, server }, ...admission };
  const { call } = request;
  const ofTask = call && ((answer: JsonObject) => continuedTask(call, answer, context));
  const rewrite = methodOf(method)?.rewrite;
  return {
    ...bareForwarding(gateway, route),
    message,
    ...(call && { call }),
    rewrite: ofTask ?? (rewrite && ((answer) => rewrite(answer, context))),
  };
}

const bareForwarding = (state: Gateway, route: Route): Forwarding => ({
  state,
  route,
  message: { method: 'GET' },
  params: undefined,
  takesEvents: true,
});

const bare = ({ caller, version, session }: Route, verb: SessionVerb): Outgoing => {
  return { verb, caller, version, session };
};
