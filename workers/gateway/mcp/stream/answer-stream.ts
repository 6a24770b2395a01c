import type { Outcome } from '../../../../src/audit/index.ts';
import type { Forwarded, Hold } from '../../call/transport.ts';
import { type Forwarding, rewritten, wholeAnswer } from '../answer.ts';
import type { StreamOf } from '../from-server/notifications.ts';
import { failureMessage } from '../responses.ts';
import { sealSession } from '../route.ts';
import { answered, type Reply, replyOf, type Sent, type UpstreamAnswer } from '../upstream.ts';
import { Relay, type Relayed } from './relay.ts';
import { ServerEvents } from './server-events.ts';
import { type AgentStream, eventOf, eventResponse } from './to-agent.ts';

/**
 * How long an answer is awaited before the agent gets a stream. An answer that comes first keeps
 * its status, and a client that reads only JSON is served.
 */
const FIRST_MILLISECONDS_MAX = 1_000;
const EVENTS_MAX = 10_000; // Of one call. More are no progress.

/** A request whose server answers with a stream. */
export interface Streaming extends Forwarding {
  readonly sent: Sent;
  readonly response: Response;
  readonly stream: StreamOf;
  /** Called once, when the request has its answer or will get none. */
  readonly end: () => void;
}

/**
 * Answers a request whose server streams. What the server sends before the answer is judged and
 * passed on as it arrives, and the outcome of the request settles with the stream.
 */
export async function answerStream(streaming: Streaming, hold: Hold): Promise<Forwarded> {
  const { sent, stream, response, state, route } = streaming;
  const bounds = { bytesMax: sent.answerBytesMax, eventsMax: EVENTS_MAX };
  const events = new ServerEvents(response.body as ReadableStream<Uint8Array> | null, bounds);
  const relay = new Relay(events, sent.deadline, stream);
  const first = relay.next();
  const early = await inTime(first, FIRST_MILLISECONDS_MAX);
  if (early && early.kind !== 'message') {
    const answer = answerOf(streaming, relay, early);
    streaming.end();
    relay.cancel();
    return wholeAnswer(streaming, answer);
  }
  const headers = new Headers();
  const sealed = await sealSession(state.sessions, route, response.headers.get('mcp-session-id'));
  if (sealed !== undefined) headers.set('mcp-session-id', sealed);
  const { source, outcome } = relayed(streaming, relay, first);
  return { response: eventResponse(source, headers, hold), outcome };
}

/** Returns what the agent receives of the relay, and the outcome, which settles at its end. */
function relayed(
  streaming: Streaming,
  relay: Relay,
  first: Promise<Relayed>,
): { readonly source: AgentStream; readonly outcome: Promise<Outcome> } {
  let next: Promise<Relayed> | undefined = first;
  let settle: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  let isOver = false;
  const finish = (ended: Outcome): void => {
    isOver = true;
    settle(ended);
    streaming.end();
    relay.cancel();
  };
  const lost = { status: 200, result: 'unknown', cause: 'connection' } as const;
  const cut = (): void => finish(answered(streaming.sent, relay.bytes, lost).outcome);
  return {
    outcome,
    source: {
      next: async () => {
        if (isOver) return undefined;
        const current = await (next ?? relay.next());
        next = undefined;
        if (isOver) return undefined;
        if (current.kind === 'message') return eventOf(current.message);
        const answer = answerOf(streaming, relay, current);
        // The response has begun, with 200.
        finish({ ...answer.outcome, status: 200 });
        const { message } = streaming;
        return eventOf(
          answer.failure
            ? failureMessage(answer.failure, message.id)
            : await rewritten(streaming, answer.message ?? {}),
        );
      },
      cancel: cut,
    },
  };
}

/** Returns what the end of a stream, or the answer in it, means for the agent. */
function answerOf(
  { sent, response }: Streaming,
  relay: Relay,
  last: Exclude<Relayed, { readonly kind: 'message' }>,
): UpstreamAnswer {
  const read =
    last.kind === 'answer' ? { message: last.message, end: 'whole' as const } : { end: last.end };
  const isInSession = sent.outgoing.session !== undefined;
  const reply: Reply = replyOf(response, read, sent.deadline.signal, isInSession);
  return answered(sent, relay.bytes, reply);
}

/** Returns the value of a promise, or undefined if it takes longer. Never throws by itself. */
async function inTime<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
