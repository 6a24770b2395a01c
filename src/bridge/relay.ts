import { neededGrantsOf } from '../agent/index.ts';
import type { JsonObject } from '../canonical-json.ts';
import { widerList } from '../wider-list.ts';
import { lost, refused, thrown, withNote } from './failure.ts';
import {
  JSON_RPC,
  type RpcNotification,
  type RpcRequest,
  resultOf,
  statedRevision,
  withoutPrivateMeta,
} from './message.ts';
import { OwnStream } from './own-stream.ts';
import { readMessages } from './read-messages.ts';
import { type Envelope, type GatewayRoute, post, type Sent } from './send.ts';
import { Session } from './session.ts';
import { outcomeOf, type RelayedUse, type Use, useOf, type Widened, type WiderUse } from './use.ts';
import { within } from './within.ts';

export interface RelayOptions {
  /** The name of the server in `/mcp/<server>`. */
  readonly server: string;
  readonly route: GatewayRoute;
  /** Gets what the server sends on its own, outside of any request. */
  readonly onMessage: (message: JsonObject) => void;
  /** Tries to widen the capability for a denied use, which is then sent once more. */
  readonly widen?: (use: WiderUse) => Promise<Widened>;
  readonly onUse?: (use: RelayedUse) => void;
  /** Returns the headers that repeat arguments of a call, as the catalogue says. */
  readonly parameters?: (
    tool: string,
    args: JsonObject,
  ) => Promise<readonly (readonly [name: string, value: string])[]>;
}

const IDLE_MILLISECONDS_MAX = 10 * 60_000; // Longer than a gateway lets a server be silent.
const RESUMES_MAX = 5;
const RESUME_MILLISECONDS = 1_000;

type Emit = (message: JsonObject) => void;

interface InFlight {
  readonly abort: AbortController;
  /** The id under which the gateway has it. */
  readonly sentId: string | number;
  readonly isStateless: boolean;
}

let relays = 0;

/**
 * Passes the messages of one client to one server behind a gateway, of both generations of the
 * protocol. It opens a lost session again, repeats what was certainly not carried out, continues a
 * stream that was cut, and answers every failure in words: the client sees no status of HTTP.
 */
export class Relay {
  readonly #options: RelayOptions;
  readonly #session: Session;
  readonly #inFlight = new Map<string, InFlight>();
  readonly #prefix = `b${++relays}`;
  readonly #closing = new AbortController();
  #stream: OwnStream | undefined;
  #sent = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#session = new Session(options.route);
  }

  /** Number of requests that have no answer yet. */
  get pending(): number {
    return this.#inFlight.size;
  }

  /**
   * Returns the answer to a request; undefined if the client has cancelled it. `emit` gets what the
   * server sends before it. Never throws.
   */
  async request(request: RpcRequest, emit: Emit): Promise<JsonObject | undefined> {
    const { id, method } = request;
    // Answered here, so that a client never gives up a bridge whose gateway is away.
    if (method === 'ping') return resultOf(id, {});
    const abort = new AbortController();
    const isStateless = statedRevision(request) !== undefined;
    // Clients number from one. The notifications of a subscription name it by its id.
    const sentId = method === 'subscriptions/listen' ? id : `${this.#prefix}-${++this.#sent}`;
    const key = JSON.stringify(id);
    this.#inFlight.set(key, { abort, sentId, isStateless });
    try {
      const signal = AbortSignal.any([abort.signal, this.#closing.signal]);
      const answer = await this.#answer(request, { sentId, emit, signal });
      return abort.signal.aborted ? undefined : { ...answer, id };
    } catch (error) {
      return abort.signal.aborted ? undefined : thrown(request, error);
    } finally {
      this.#inFlight.delete(key);
    }
  }

  /** Passes a notification on. A failure has no one to tell. */
  async notify(notification: RpcNotification): Promise<void> {
    const { method, params } = notification;
    if (method === 'notifications/cancelled') return this.#cancel(params ?? {});
    const message = { ...JSON_RPC, method, ...withParams(params) };
    const sending = post(this.#options.route, message, this.#session.envelope()).catch(
      () => undefined,
    );
    if (method !== 'notifications/initialized') {
      await drop(await sending);
      return;
    }
    this.#session.initialized(sending.then(drop));
    await sending;
    this.#stream ??= this.#openStream();
  }

  /** Passes on the client's answer to a request of the server. */
  async answer(answer: JsonObject): Promise<void> {
    const sent = await post(this.#options.route, answer, this.#session.envelope()).catch(
      () => undefined,
    );
    await drop(sent);
  }

  /** Ends everything under way, and the session at the server. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#stream?.close();
    await this.#session.close();
  }

  #openStream(): OwnStream {
    const stream = new OwnStream(this.#session, this.#options.onMessage);
    stream.open();
    return stream;
  }

  async #cancel(params: JsonObject): Promise<void> {
    // Some clients cancel what has been answered.
    const found = this.#inFlight.get(JSON.stringify(params.requestId));
    if (found === undefined) return;
    found.abort.abort();
    // Since 2026-07-28, closing the stream of the answer is the cancellation.
    if (found.isStateless) return;
    const { reason } = params;
    const sentParams = { requestId: found.sentId, ...(typeof reason === 'string' && { reason }) };
    const message = { ...JSON_RPC, method: 'notifications/cancelled', params: sentParams };
    const sent = await post(this.#options.route, message, this.#session.envelope()).catch(
      () => undefined,
    );
    await drop(sent);
  }

  async #answer(request: RpcRequest, exchange: Exchange): Promise<JsonObject> {
    const { server, widen, onUse } = this.#options;
    const answer = await this.#exchange(request, exchange);
    const named = useOf(request);
    if (named === undefined) {
      const isList = request.method === 'tools/list' && widen !== undefined;
      return isList ? widerList(answer) : answer;
    }
    const use: Use = { server, ...named };
    const record = (final: JsonObject): JsonObject => {
      onUse?.({ ...use, ...outcomeOf(final) });
      return final;
    };
    const needed = widen && (await neededGrantsOf(answer));
    if (widen === undefined || needed === undefined) return record(answer);
    const widened = await widen({ ...use, needed });
    if (!widened.isWider) return record(withNote(answer, widened.why));
    return record(await this.#exchange(request, exchange));
  }

  async #exchange(request: RpcRequest, exchange: Exchange): Promise<JsonObject> {
    const { method, params } = request;
    const { sentId: id, signal } = exchange;
    if (method === 'initialize') this.#session.begin(params ?? {});
    else if (statedRevision(request) === undefined) await this.#session.ready();
    const message = { ...JSON_RPC, id, method, ...withParams(params) };
    const sent = await this.#send(request, message, signal);
    if (sent.refusal) return refused(request, sent.refusal);
    const { response } = sent;
    if (method === 'initialize') this.#session.named(response.headers.get('mcp-session-id'));
    const answer = await this.#read(request, response, exchange);
    if (method === 'initialize') this.#session.agreed(answer);
    return answer;
  }

  /** Sends a request, and once more if its session was lost or its token not accepted. */
  async #send(request: RpcRequest, message: JsonObject, signal: AbortSignal): Promise<Sent> {
    const { route } = this.#options;
    const first = await this.#envelopeOf(request, signal);
    const sent = await post(route, message, first);
    const status = sent.refusal?.status;
    const isLost = status === 404 && first.session !== undefined;
    if (isLost) await this.#session.reopen(first.session);
    // A new token with a new proof: clocks differ, and keys and nonces change.
    return isLost || status === 401
      ? post(route, message, await this.#envelopeOf(request, signal))
      : sent;
  }

  async #envelopeOf(request: RpcRequest, signal: AbortSignal): Promise<Envelope> {
    const revision = statedRevision(request);
    if (revision === undefined) return { ...this.#session.envelope(), signal };
    const use = useOf(request);
    const parameters =
      use?.kind === 'tool' ? await this.#options.parameters?.(use.name, use.args) : undefined;
    return { revision, parameters, signal };
  }

  /** Reads up to the answer. A stream that was cut is continued where its server says. */
  async #read(
    request: RpcRequest,
    first: Response,
    { sentId, emit, signal }: Exchange,
  ): Promise<JsonObject> {
    let response = first;
    for (let resumes = 0; ; resumes += 1) {
      let position: string | undefined;
      let pause = RESUME_MILLISECONDS;
      try {
        for await (const event of within(readMessages(response), IDLE_MILLISECONDS_MAX, signal)) {
          position = event.eventId ?? position;
          pause = event.retryMilliseconds ?? pause;
          const { message } = event;
          if (message === undefined) continue;
          // An error without an id is one about a request that could not be read.
          if (isAnswerTo(message, sentId)) return message;
          if ('method' in message) emit(message);
        }
      } catch (error) {
        if (position === undefined || signal.aborted) throw error;
      }
      const canResume = position !== undefined && this.#session.envelope().session !== undefined;
      if (!canResume || resumes === RESUMES_MAX) return lost(request);
      const resumed = await this.#session.resume(position, pause, signal);
      if (resumed === undefined) return lost(request);
      response = resumed;
    }
  }
}

interface Exchange {
  readonly sentId: string | number;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const withParams = (params: JsonObject | undefined): { readonly params?: JsonObject } => {
  const kept = withoutPrivateMeta(params);
  return kept === undefined ? {} : { params: kept };
};

const isAnswerTo = ({ id, result, error }: JsonObject, sentId: string | number): boolean =>
  (id === sentId || (id === null && error !== undefined)) &&
  (result !== undefined || error !== undefined);

async function drop(sent: Sent | undefined): Promise<void> {
  await sent?.response?.body?.cancel().catch(() => undefined);
}
