import { FEED_POLL_MILLISECONDS, FEED_SILENCE_MILLISECONDS } from '../../limits.ts';
import { having, milliseconds, socketUrl } from '../../option-values.ts';
import { callable, type Members, optional, readOptions, text } from '../../options.ts';
import { type Report, reportTo } from '../../report.ts';
import type { Head } from '../format/head.ts';
import type { FeedClient } from './client.ts';

const FEED_MESSAGES_WAITING_MAX = 64; // Unverified messages of one socket.
const FEED_RECONNECT_MILLISECONDS_MIN = 500;
const FEED_RECONNECT_MILLISECONDS_MAX = 30_000;
const DOUBLINGS_MAX = 10;

/**
 * The part of a WebSocket that is used. The global class of browsers, Deno, Bun and Node 22 fits.
 */
export interface Socket {
  binaryType: string;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
  close(): void;
}

/** What to subscribe to, and how. */
export interface SubscriptionOptions {
  /** Without a query: `wss://issuer.example/feed/v2/0/subscribe`. */
  readonly url: string;
  readonly client: FeedClient;
  readonly WebSocket: new (url: string) => Socket;
  /**
   * The verifier's credential at the issuer, sent as a bearer token. A log reserves most of its
   * sockets for verifiers. It needs a `WebSocket` that accepts headers, as in Node 22 and Bun.
   */
  readonly credential?: string;
  /** From 0 to 1. Spreads the reconnects of subscribers that lost the same server. */
  readonly random?: () => number;
  /** Called with the head whenever the log answered, for example for a `FeedReporter`. */
  readonly onHead?: ((head: Head) => void) | ((head: Head) => Promise<void>);
  /** How long the socket may be silent before the log is asked. */
  readonly silenceMilliseconds?: number;
  /** Receives lost sockets and errors of `onHead`. Defaults to the console. */
  readonly report?: Report;
}

const OPTIONS: Members<SubscriptionOptions> = {
  url: socketUrl,
  client: having('accept', 'refresh'),
  WebSocket: callable,
  credential: optional(text),
  random: optional(callable),
  onHead: optional(callable),
  silenceMilliseconds: optional(milliseconds),
  report: optional(callable),
};

/** Why a socket was dropped. `behind`: HTTP was ahead; `flooded`: faster than verification. */
type Loss = 'close' | 'error' | 'behind' | 'flooded' | 'unopened';

/** Returns undefined if the constructor throws, as it does for an unreachable URL. */
function openSocket(open: () => Socket): Socket | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/**
 * Keeps a client up to date over a WebSocket, for long-lived servers. A message is the newest head
 * and the records that lead to it.
 *
 * The socket is not trusted. If a message does not follow, the client asks over HTTP. It also asks
 * whenever the socket is silent or gone: an idle log sends nothing, and silence must not look like
 * health.
 *
 * @example
 * ```ts
 * import { FeedClient, FeedSubscription, type Socket } from 'hewn/feed';
 *
 * const client = new FeedClient({
 *   issuer,
 *   feedKey,
 *   fetch: (path, init) => fetch(`${issuer}${path}`, init),
 * });
 * const subscription = new FeedSubscription({
 *   url: `${issuer.replace('http', 'ws')}/feed/v2/0/subscribe`,
 *   client,
 *   WebSocket: WebSocket as unknown as new (url: string) => Socket,
 * });
 * subscription.close();
 * ```
 */
export class FeedSubscription {
  readonly #options: Required<Omit<SubscriptionOptions, 'credential' | 'report'>> &
    Pick<SubscriptionOptions, 'credential' | 'report'>;
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isLive = false;
  /** Whether HTTP was ahead of this socket, and the socket has sent nothing since. */
  #isBehind = false;
  #waiting = 0;
  #connectAt = 0;
  #isClosed = false;
  /** Runs one job after the other, because each message follows the one before. */
  #queueEnd: Promise<void> = Promise.resolve();

  constructor(options: SubscriptionOptions) {
    readOptions(options, 'FeedSubscription', OPTIONS);
    this.#options = {
      random: Math.random,
      silenceMilliseconds: FEED_SILENCE_MILLISECONDS,
      onHead: () => undefined,
      ...options,
    };
    this.#tick();
  }

  /** Whether the socket has sent a message since it was opened. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Closes the socket and stops every timer. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Runs after each silence: asks over HTTP, and connects if there is no socket. */
  #tick(): void {
    if (this.#isClosed) return;
    // HTTP was ahead, and the socket has still not caught up: it is open at this end only. The
    // check waits a tick because, with many subscribers, an answer overtakes the messages to all of
    // them.
    if (this.#isBehind) this.#drop(this.#socket, 'behind');
    this.#enqueue(() => this.#ask());
    if (!this.#socket && performance.now() >= this.#connectAt) this.#connect();
    this.#schedule();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const { silenceMilliseconds, random } = this.#options;
    const isTrusted = this.#isLive && !this.#isBehind;
    const longest = isTrusted ? silenceMilliseconds : FEED_POLL_MILLISECONDS;
    // Drawn at random: one message restarts the timers of all subscribers at the same moment.
    const wait = longest * (1 - random() / 4);
    this.#timer = setTimeout(() => this.#tick(), wait);
    // A subscription alone must not keep the process alive. In a browser, a timer is a number.
    const timer = this.#timer as number | { unref(): unknown };
    if (typeof timer === 'object') timer.unref();
  }

  async #ask(): Promise<void> {
    const before = this.#options.client.position;
    const socket = this.#socket;
    const answer = await this.#options.client.refresh();
    if (answer.ok) this.#notify(answer.value);
    const isAhead = answer.ok && before !== undefined && answer.value.seq > before.seq;
    if (!isAhead || !socket || this.#socket !== socket) return;
    this.#isBehind = true;
    this.#schedule();
  }

  #connect(): void {
    const { url, client, WebSocket, credential } = this.#options;
    const { epoch = 0, seq = 0 } = client.position ?? {};
    // Node 22 and Bun accept options with headers, which the standard does not have.
    const Connect = WebSocket as new (url: string, options?: object) => Socket;
    const authorization = credential === undefined ? undefined : `Bearer ${credential}`;
    const options = authorization && [{ headers: { authorization } }];
    const since = `${url}?since=${epoch}.${seq}`;
    const socket = openSocket(() => new Connect(since, ...(options || [])));
    if (!socket) {
      this.#backOff('unopened');
      return;
    }
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#isLive = true;
      this.#isBehind = false;
      this.#schedule();
      this.#enqueue(() => this.#receive(data));
    });
    for (const end of ['close', 'error'] as const) {
      socket.addEventListener(end, () => this.#drop(socket, end));
    }
    this.#socket = socket;
  }

  async #receive(data: unknown): Promise<void> {
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
    const accepted = await this.#options.client.accept(message);
    // An older message needs no request: the client is ahead of it.
    if (!accepted.ok && accepted.error.code === 'head_rollback') return;
    const reached = accepted.ok ? accepted : await this.#options.client.refresh();
    if (reached.ok) this.#notify(reached.value);
  }

  /** Calls the listener in its own task, so that its error does not stop the feed. */
  #notify(head: Head): void {
    const { onHead, report } = this.#options;
    const failed = (error: unknown): void =>
      reportTo(report, 'feed.heard.failed', {
        error: error instanceof Error ? error.name : typeof error,
      });
    // An async listener may reject, which would end the process.
    const call = async (): Promise<void> => await onHead(head);
    queueMicrotask(() => void call().catch(failed));
  }

  #drop(socket: Socket | undefined, code: Loss): void {
    if (!socket || this.#socket !== socket) return;
    this.#socket = undefined;
    this.#isLive = false;
    this.#isBehind = false;
    socket.close();
    this.#backOff(code);
  }

  /** Waits longer after each lost socket, for a random time. */
  #backOff(code: Loss): void {
    reportTo(this.#options.report, 'feed.socket.lost', { code, failures: this.#failures });
    this.#failures += 1;
    const longest = FEED_RECONNECT_MILLISECONDS_MIN * 2 ** Math.min(this.#failures, DOUBLINGS_MAX);
    const wait = Math.min(longest, FEED_RECONNECT_MILLISECONDS_MAX) * this.#options.random();
    this.#connectAt = performance.now() + wait;
  }

  #enqueue(job: () => Promise<void>): void {
    // A socket that sends faster than we can verify is dropped, and the log is asked instead.
    if (this.#waiting >= FEED_MESSAGES_WAITING_MAX) {
      this.#drop(this.#socket, 'flooded');
      return;
    }
    this.#waiting += 1;
    const run = async () => {
      if (!this.#isClosed) await job();
    };
    const failed = (error: unknown): void =>
      reportTo(this.#options.report, 'feed.turn.failed', { error: (error as Error).name });
    this.#queueEnd = this.#queueEnd
      .then(run)
      .catch(failed)
      .finally(() => {
        this.#waiting -= 1;
      });
  }
}
