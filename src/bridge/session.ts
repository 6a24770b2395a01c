import { setTimeout as sleep } from 'node:timers/promises';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { SingleFlight } from '../single-flight.ts';
import { JSON_RPC, withoutPrivateMeta } from './message.ts';
import { readMessages } from './read-messages.ts';
import { type Envelope, type GatewayRoute, headersOf, post } from './send.ts';

const OPEN_MILLISECONDS_MAX = 30_000; // A server that starts with its session takes a while.
const CLOSE_MILLISECONDS_MAX = 2_000; // The client has left already.
const PAUSE_MILLISECONDS_MAX = 30_000;

/**
 * The session of one client with its server, in the revisions that have one. If the server or the
 * gateway has lost it, it is opened again with what the client said at first, without the client.
 */
export class Session {
  readonly #route: GatewayRoute;
  readonly #reopening: SingleFlight<true>;
  /** The parameters of the client's `initialize`. */
  #greeting: JsonObject | undefined;
  #id: string | undefined;
  #revision: string | undefined;
  #ready: Promise<unknown> = Promise.resolve();
  #reopened = 0;

  constructor(route: GatewayRoute) {
    this.#route = route;
    this.#reopening = new SingleFlight(() => this.#open(), {
      millisecondsMax: OPEN_MILLISECONDS_MAX,
      patienceMilliseconds: OPEN_MILLISECONDS_MAX,
    });
  }

  begin(greeting: JsonObject): void {
    this.#greeting = greeting;
    this.#id = undefined;
    this.#revision = undefined;
  }

  named(id: string | null): void {
    this.#id = id ?? undefined;
  }

  agreed({ result }: JsonObject): void {
    const revision = isJsonObject(result) ? result.protocolVersion : undefined;
    if (typeof revision === 'string') this.#revision = revision;
  }

  /** A strict server accepts no request before it has read that the client is ready. */
  initialized(sending: Promise<unknown>): void {
    this.#ready = sending;
  }

  async ready(): Promise<void> {
    await this.#ready;
  }

  envelope(): Envelope {
    return { revision: this.#revision, session: this.#id };
  }

  /** Opens the session again, unless that has happened since it was `lost`. */
  async reopen(lost: string | undefined): Promise<void> {
    if (this.#greeting === undefined || this.#id !== lost) return;
    await this.#reopening.join();
  }

  async #open(): Promise<true> {
    const { protocolVersion = '2025-11-25', ...others } = this.#greeting ?? {};
    // The revision that was agreed on, because the client continues to speak it.
    const params = { protocolVersion: this.#revision ?? protocolVersion, ...others };
    const id = `b-open-${++this.#reopened}`;
    const kept = withoutPrivateMeta(params) ?? {};
    const message = { ...JSON_RPC, id, method: 'initialize', params: kept };
    const signal = AbortSignal.timeout(OPEN_MILLISECONDS_MAX);
    const { response } = await post(this.#route, message, { signal });
    if (response === undefined) return true;
    for await (const { message: answer } of readMessages(response)) {
      if (answer?.id !== id || answer.result === undefined) continue;
      this.#id = response.headers.get('mcp-session-id') ?? undefined;
      this.agreed(answer);
      const ready = { ...JSON_RPC, method: 'notifications/initialized' };
      const sent = await post(this.#route, ready, { ...this.envelope(), signal });
      await sent.response?.body?.cancel();
      break;
    }
    return true;
  }

  /** Opens the stream of the session, or one that was cut at a position. */
  async stream(position: string | undefined, signal: AbortSignal): Promise<Response> {
    const headers = headersOf({}, this.envelope());
    headers.delete('content-type');
    headers.set('accept', 'text/event-stream');
    if (position !== undefined) headers.set('last-event-id', position);
    const { url, fetch: send } = this.#route;
    return send(url, { method: 'GET', headers, signal });
  }

  /** Continues a stream after a pause. Undefined if the gateway does not. */
  async resume(
    position: string | undefined,
    pauseMilliseconds: number,
    signal: AbortSignal,
  ): Promise<Response | undefined> {
    await sleep(Math.min(pauseMilliseconds, PAUSE_MILLISECONDS_MAX), undefined, { signal });
    const response = await this.stream(position, signal);
    if (response.ok) return response;
    await response.body?.cancel();
    return undefined;
  }

  /** Ends the session at the server, as a courtesy. */
  async close(): Promise<void> {
    if (this.#id === undefined) return;
    const headers = headersOf({}, this.envelope());
    const signal = AbortSignal.timeout(CLOSE_MILLISECONDS_MAX);
    this.#id = undefined;
    const { url, fetch: send } = this.#route;
    await send(url, { method: 'DELETE', headers, signal })
      .then((response) => response.body?.cancel())
      .catch(() => undefined);
  }
}
