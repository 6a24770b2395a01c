import type { Outcome } from '../../../../src/audit/index.ts';
import type { JsonObject } from '../../../../src/canonical-json.ts';
import type { Forwarded, Hold } from '../../call/transport.ts';
import { type Forwarding, rewritten, wholeAnswer } from '../answer.ts';
import type { StreamOf } from '../from-server/stream-of.ts';
import { failureMessage } from '../responses.ts';
import { sealSession } from '../route.ts';
import { answered, callUpstream, replyOf, type Sent, type UpstreamAnswer } from '../upstream.ts';
import { isLines, linesAsEvents } from './lines.ts';
import { Relay, type Relayed } from './relay.ts';
import { ServerEvents } from './server-events.ts';
import { type AgentStream, eventOf, eventResponse } from './to-agent.ts';

/**
 * How long an answer is awaited before the agent gets a stream. An answer that comes first keeps
 * its status, and a client that reads only JSON is served.
 */
const FIRST_MILLISECONDS_MAX = 1_000;
const EVENTS_MAX = 10_000; // Of one stream. More are no progress.

/** A request whose server answers with a stream. */
export interface Streaming extends Forwarding {
  readonly sent: Sent;
  readonly response: Response;
  readonly stream: StreamOf;
  /** Whether an answer that comes first may be the whole response, in JSON. */
  readonly mayBeWhole: boolean;
  /** Called once, when the request has its answer or will get none. */
  readonly end: () => void;
}

/**
 * Answers a request whose server streams. What the server sends before the answer is judged and
 * passed on as it arrives, and the outcome of the request settles with the stream.
 */
export async function answerStream(streaming: Streaming, hold: Hold): Promise<Forwarded> {
  const { response, state, route } = streaming;
  const relay = relayOf(streaming, hold);
  const first = relay.next();
  const { mayBeWhole } = streaming;
  const early = mayBeWhole ? await inTime(first, FIRST_MILLISECONDS_MAX) : undefined;
  if (early && early.kind !== 'event') {
    const answer = answerOf(streaming, relay, early);
    streaming.end();
    relay.cancel();
    return wholeAnswer(streaming, answer);
  }
  const headers = new Headers();
  const sealed = await sealSession(state.sessions, route, response.headers.get('mcp-session-id'));
  if (sealed !== undefined) headers.set('mcp-session-id', sealed);
  const { source, outcome } = relayed(streaming, relay, first);
  const { response: events, digest } = eventResponse(source, headers, hold);
  return { response: events, outcome: withAnswer(outcome, digest) };
}

/** Adds the digest of the answer to the outcome of a request that has one. */
async function withAnswer(
  outcome: Promise<Outcome>,
  digest: Promise<string | undefined>,
): Promise<Outcome> {
  const ended = await outcome;
  const answer = ended.result === 'unknown' ? undefined : await digest;
  return { ...ended, ...(answer !== undefined && { answer }) };
}

function relayOf({ sent, stream, response, route }: Streaming, hold: Hold): Relay {
  const bounds = { bytesMax: sent.answerBytesMax, eventsMax: EVENTS_MAX };
  const body = response.body as ReadableStream<Uint8Array> | null;
  const events = new ServerEvents(isLines(response) ? linesAsEvents(body) : body, bounds);
  // The gateway's own answers go the way of the agent's, and nothing waits for them.
  const { upstream, caller, version, session } = route;
  const reply = (answer: JsonObject): void =>
    hold.keepAlive(callUpstream(upstream, { answer, caller, version, session }));
  return new Relay({ events, deadline: sent.deadline, stream, reply });
}

/** Returns what the agent receives of the relay, and the outcome, which settles at its end. */
function relayed(
  streaming: Streaming,
  relay: Relay,
  first: Promise<Relayed>,
): { readonly source: AgentStream; readonly outcome: Promise<Outcome> } {
  const { sent, stream, message, isHeld } = streaming;
  let next: Promise<Relayed> | undefined = first;
  let settle: (outcome: Outcome) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  let isOver = false;
  const finish = (ended: Pick<Outcome, 'result' | 'cause'>): void => {
    isOver = true;
    // The response has begun, with 200.
    settle(answered(sent, relay.bytes, { ...ended, status: 200 }).outcome);
    streaming.end();
    relay.cancel();
  };
  // A stream without a request may end at any time.
  const withoutAnswer =
    stream.request && !isHeld
      ? ({ result: 'unknown', cause: 'connection' } as const)
      : ({ result: 'ok' } as const);
  const lastOf = async (last: Exclude<Relayed, { kind: 'event' }>): Promise<string | undefined> => {
    if (last.kind === 'end' && (relay.isResumable || isHeld || !stream.request)) {
      finish(withoutAnswer);
      return undefined;
    }
    const { outcome: ended, failure, message: answer } = answerOf(streaming, relay, last);
    finish(ended);
    if (failure) return eventOf(failureMessage(failure, message.id), {});
    return eventOf(await rewritten(streaming, answer ?? {}), last.kind === 'end' ? {} : last.mark);
  };
  let isWaiting = false;
  // An agent that reads nothing would leave its call without an outcome for as long as it stays.
  sent.deadline.signal.addEventListener('abort', () => {
    if (!isOver && !isWaiting) finish({ result: 'unknown', cause: 'timeout' });
  });
  return {
    outcome,
    source: {
      next: async () => {
        if (isOver) return undefined;
        isWaiting = true;
        const current = await (next ?? relay.next());
        isWaiting = false;
        next = undefined;
        if (isOver) return undefined;
        return current.kind === 'event' ? eventOf(current.message, current.mark) : lastOf(current);
      },
      cancel: () => finish(withoutAnswer),
      isOver: () => isOver && !isWaiting,
    },
  };
}

/** Returns what the end of a stream, or the answer in it, means for the agent. */
function answerOf(
  { sent, response }: Streaming,
  relay: Relay,
  last: Exclude<Relayed, { readonly kind: 'event' }>,
): UpstreamAnswer {
  const read =
    last.kind === 'answer' ? { message: last.message, end: 'whole' as const } : { end: last.end };
  const isInSession = sent.outgoing.session !== undefined;
  return answered(sent, relay.bytes, replyOf(response, read, sent.deadline.signal, isInSession));
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
