import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '../canonical-json.ts';
import { readMessages } from './read-messages.ts';
import type { Session } from './session.ts';

const PAUSE_MILLISECONDS_MIN = 1_000;
const PAUSE_MILLISECONDS_MAX = 30_000;

/**
 * The stream of a session, on which a server sends what belongs to no request. Kept open for as
 * long as the client is there; a server without one is asked once.
 */
export class OwnStream {
  readonly #session: Session;
  readonly #onMessage: (message: JsonObject) => void;
  readonly #closing = new AbortController();

  constructor(session: Session, onMessage: (message: JsonObject) => void) {
    this.#session = session;
    this.#onMessage = onMessage;
  }

  open(): void {
    this.#run().catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let position: string | undefined;
    let pause = PAUSE_MILLISECONDS_MIN;
    while (!signal.aborted) {
      const { session } = this.#session.envelope();
      const response = await this.#session.stream(position, signal).catch(() => undefined);
      if (response !== undefined && !response.ok) {
        await response.body?.cancel();
        position = undefined;
        if (response.status === 404 && session !== undefined) await this.#session.reopen(session);
        // 405: the server has no such stream. A token is refused for a while at most.
        else if (response.status < 500 && response.status !== 401) return;
      }
      let wait: number | undefined;
      try {
        for await (const event of response?.ok ? readMessages(response) : []) {
          position = event.eventId ?? position;
          wait = event.retryMilliseconds ?? wait;
          pause = PAUSE_MILLISECONDS_MIN;
          if (event.message !== undefined && 'method' in event.message) {
            this.#onMessage(event.message);
          }
        }
      } catch {
        // Cut: it is opened again below.
      }
      await sleep(Math.min(wait ?? pause, PAUSE_MILLISECONDS_MAX), undefined, { signal });
      pause = Math.min(2 * pause, PAUSE_MILLISECONDS_MAX);
    }
  }
}
