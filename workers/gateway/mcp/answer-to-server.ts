import { ok, type Result, refuse } from '../../../src/result.ts';
import type { Forward, NotForwarded } from '../call/transport.ts';
import { wholeAnswer } from './answer.ts';
import { askedOfClient, forwardedAnswer } from './from-server/requests.ts';
import { openRequestId } from './from-server/stream-of.ts';
import type { AgentAnswer } from './message.ts';
import type { Incoming } from './methods/index.ts';
import type { Route } from './route.ts';
import { readWhole, sendUpstream } from './upstream.ts';

/**
 * Forwards an agent's answer to a request of the server. The answer carries data to the server, so
 * it is accepted only for a request that the gateway passed on in this session of this workflow,
 * and only while the deployment allows such requests.
 */
export async function answerToServer(
  { gateway }: Pick<Incoming, 'gateway'>,
  answer: AgentAnswer,
  route: Route,
): Promise<Result<Forward, NotForwarded>> {
  const { upstream, caller, version, session, workflow, server } = route;
  const place = { sessions: gateway.sessions, owner: { workflow, server }, session };
  const asked = await openRequestId(place, String(answer.id));
  const row = asked && askedOfClient(asked.method, upstream.serverRequests);
  if (!asked || !row) return refuse({ denial: { code: 'request_unknown' } });
  const body = { id: asked.id, ...forwardedAnswer(row, answer) };
  return ok(async () => {
    const sent = await sendUpstream(upstream, { answer: body, caller, version, session });
    const message = { method: 'response' };
    const forwarding = { state: gateway, route, message, params: undefined, takesEvents: false };
    return wholeAnswer(forwarding, await readWhole(sent));
  });
}
