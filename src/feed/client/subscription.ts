import { FEED_POLL_MILLISECONDS, FEED_SILENCE_MILLISECONDS } from '../../limits.ts';
import { having, milliseconds, socketUrl } from '../../option-values.ts';
import { callable, type Members, optional, readOptions, text } from '../../options.ts';
import { type Report, reportTo } from '../../report.ts';
import type { Head } from '../format/head.ts';
import type { FeedClient } from './client.ts';

const FEED_MESSAGES_WAITING_MAX = 64; // Not yet verified, of one socket.
const FEED_RECONNECT_MILLISECONDS_MIN = 500;
const FEED_RECONNECT_MILLISECONDS_MAX = 30_000;

/** What is used of a WebSocket: the global one of browsers, Deno, Bun and Node 22 is such. */
export interface Socket {
  binaryType: string;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
  close(): void;
}

export interface SubscriptionOptions {
  /** Without query: `wss://issuer.example/feed/v2/0/subscribe`. */
  readonly url: string;
  readonly client: FeedClient;
  readonly WebSocket: new (url: string) => Socket;
  /**
   * The verifier's credential at the issuer, sent as a bearer token: a log keeps most of its
   * sockets for verifiers. It needs a `WebSocket` that takes headers, as those of Node 22 and Bun
   * do.
   */
  readonly credential?: string;
  /** From 0 to 1; so that those who lost one server do not come back to it at once. */
  readonly random?: () => number;
  /** Called with the head whenever the log was heard of: `FeedReporter` wants to know. */
  readonly heard?: ((head: Head) => void) | ((head: Head) => Promise<void>);
  /** How long nothing may come before the log is asked. */
  readonly silenceMilliseconds?: number;
  /** Where a lost socket and what `heard` throws are told; else the console. */
  readonly report?: Report;
}

const OPTIONS: Members<SubscriptionOptions> = {
  url: socketUrl,
  client: having('accept', 'refresh'),
  WebSocket: callable,
  credential: optional(text),
  random: optional(callable),
  heard: optional(callable),
  silenceMilliseconds: optional(milliseconds),
  report: optional(callable),
};

/** Why a socket was given up: `behind` what was said over HTTP, or faster than can be verified. */
type Loss = 'close' | 'error' | 'behind' | 'flooded' | 'unopened';

/** Undefined where there is no way to it at all, which a constructor says by throwing. */
function opened(open: () => Socket): Socket | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}

/**
 * Keeps a client up to date over a socket, for servers that live long. A message is the newest head
 * and the records that lead to it. The client takes nothing on a socket's word: what does not
 * follow is asked for over HTTP, and so is the head whenever the socket is silent or gone, for an
 * idle log says nothing, and silence must not look like health.
 */
export class FeedSubscription {
  readonly #options: Required<Omit<SubscriptionOptions, 'credential' | 'report'>> &
    Pick<SubscriptionOptions, 'credential' | 'report'>;
  #socket: Socket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #isLive = false;
  /** Whether the log has said more over HTTP than this socket since. */
  #isOwed = false;
  #waiting = 0;
  #connectAt = 0;
  #isClosed = false;
  /** One message after the other: each follows the one before. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: SubscriptionOptions) {
    readOptions(options, 'FeedSubscription', OPTIONS);
    const silenceMilliseconds = FEED_SILENCE_MILLISECONDS;
    this.#options = {
      random: Math.random,
      silenceMilliseconds,
      heard: () => undefined,
      ...options,
    };
    this.#tick();
  }

  /** Whether the socket has said something since it was opened. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Ends the socket and every timer. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = undefined;
  }

  /** Whenever nothing came for a while: asks, and connects where there is no socket. */
  #tick(): void {
    if (this.#isClosed) return;
    // A socket that has still not told what the log told over HTTP is open at one end only. Not at
    // once: where many subscribe, an answer to a question overtakes the messages to all of them.
    if (this.#isOwed) this.#lose(this.#socket, 'behind');
    this.#queue(() => this.#ask());
    if (!this.#socket && performance.now() >= this.#connectAt) this.#connect();
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const { silenceMilliseconds, random } = this.#options;
    const isTrusted = this.#isLive && !this.#isOwed;
    const most = isTrusted ? silenceMilliseconds : FEED_POLL_MILLISECONDS;
    // Drawn: one message restarts the timers of all who subscribe, who would ask in one moment.
    const wait = most * (1 - random() / 4);
    this.#timer = setTimeout(() => this.#tick(), wait);
    // A subscription alone keeps no process alive.
    if (typeof this.#timer === 'object') this.#timer.unref();
  }

  async #ask(): Promise<void> {
    const before = this.#options.client.head;
    const asked = this.#socket;
    const answer = await this.#options.client.refresh();
    if (answer.ok) this.#tell(answer.value);
    const isBehind = answer.ok && before !== undefined && answer.value.seq > before.seq;
    if (!isBehind || !asked || this.#socket !== asked) return;
    this.#isOwed = true;
    this.#wait();
  }

  #connect(): void {
    const { url, client, WebSocket, credential } = this.#options;
    const { epoch = 0, seq = 0 } = client.head ?? {};
    // Beyond the standard's two parameters, which know no headers.
    const Connect = WebSocket as new (url: string, options?: object) => Socket;
    const authorization = credential === undefined ? undefined : `Bearer ${credential}`;
    const options = authorization && [{ headers: { authorization } }];
    const socket = opened(() => new Connect(`${url}?since=${epoch}.${seq}`, ...(options || [])));
    if (!socket) {
      this.#lost('unopened');
      return;
    }
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      this.#failures = 0;
      this.#isLive = true;
      this.#isOwed = false;
      this.#wait();
      this.#queue(() => this.#take(data));
    });
    for (const end of ['close', 'error'] as const) {
      socket.addEventListener(end, () => this.#lose(socket, end));
    }
    this.#socket = socket;
  }

  async #take(data: unknown): Promise<void> {
    const message = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array();
    const taken = await this.#options.client.accept(message);
    // What is older than what is held leaves nothing to ask for.
    if (!taken.ok && taken.error.code === 'head_rollback') return;
    const reached = taken.ok ? taken : await this.#options.client.refresh();
    if (reached.ok) this.#tell(reached.value);
  }

  /** Apart, so that what a listener throws is its own and ends no turn of the feed. */
  #tell(head: Head): void {
    const { heard, report } = this.#options;
    const failed = (error: unknown): void =>
      reportTo(report, 'feed.heard.failed', {
        error: error instanceof Error ? error.name : typeof error,
      });
    // A listener that is a function of a promise may reject as well, and would end the process.
    const told = async (): Promise<void> => await heard(head);
    queueMicrotask(() => void told().catch(failed));
  }

  #lose(socket: Socket | undefined, code: Loss): void {
    if (!socket || this.#socket !== socket) return;
    this.#socket = undefined;
    this.#isLive = false;
    this.#isOwed = false;
    socket.close();
    this.#lost(code);
  }

  /** Waits longer with each socket that was lost, each subscriber for another while. */
  #lost(code: Loss): void {
    reportTo(this.#options.report, 'feed.socket.lost', { code, failures: this.#failures });
    this.#failures += 1;
    const most = FEED_RECONNECT_MILLISECONDS_MIN * 2 ** Math.min(this.#failures, 10);
    const wait = Math.min(most, FEED_RECONNECT_MILLISECONDS_MAX) * this.#options.random();
    this.#connectAt = performance.now() + wait;
  }

  #queue(job: () => Promise<void>): void {
    // Who sends faster than it can be verified is left alone for a while, and asked instead.
    if (this.#waiting >= FEED_MESSAGES_WAITING_MAX) {
      this.#lose(this.#socket, 'flooded');
      return;
    }
    this.#waiting += 1;
    const run = async () => {
      if (!this.#isClosed) await job();
    };
    const failed = (error: unknown): void =>
      reportTo(this.#options.report, 'feed.turn.failed', { error: (error as Error).name });
    this.#turn = this.#turn
      .then(run)
      .catch(failed)
      .finally(() => {
        this.#waiting -= 1;
      });
  }
}
