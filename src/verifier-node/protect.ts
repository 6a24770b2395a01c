import { type FeedClient, FeedSubscription, type FloorStore, type Socket } from '../feed/index.ts';
import { FEED_POLL_MILLISECONDS } from '../limits.ts';
import { callable, expecting, type Members, optional, readOptions, text } from '../options.ts';
import type { Feed } from '../verifier/index.ts';
import {
  followFeed,
  PROTECT_OPTIONS,
  type Protection,
  type ProtectOptions,
  protectWith,
  readProtectOptions,
} from '../verifier/protect/index.ts';
import { feedPositions } from './feed-positions.ts';
import { floorFile } from './floor-file.ts';
import { type ListenerOptions, listener } from './listener.ts';

/** The options of `protect` in Node: those of every place, and three more. */
export interface NodeProtectOptions extends ProtectOptions {
  /**
   * A file that keeps the position in the feed across restarts: see `floorFile`. Each further shard
   * has its own, whose name ends in the number of the shard.
   */
  readonly floor?: string;
  /**
   * One of the issuer's VERIFIER_CREDENTIALS. It reserves a socket at the feed and reports the
   * position of this verifier, so that an operator sees that a revocation has arrived.
   */
  readonly credential?: string;
  /**
   * The class of the socket to the feed; the global one by default, which Node has from 22 on.
   * `false`: the feed is polled every second. It also is where there is no such class, and with
   * `service`.
   */
  readonly WebSocket?: (new (url: string) => Socket) | false;
}

/** A `Protection` that keeps its feed up to date by itself, until it is closed. */
export interface NodeProtection extends Protection {
  readonly feed: Feed;
  /** Returns a listener of `node:http` for a Fetch handler, at the origin of the audience. */
  listener(
    handler: (request: Request) => Promise<Response>,
    options?: Omit<ListenerOptions, 'origin'>,
  ): ReturnType<typeof listener>;
  /** Closes the sockets, stops the timers and sends the records that wait. */
  close(): Promise<void>;
}

const OPTIONS: Members<NodeProtectOptions> = {
  ...PROTECT_OPTIONS,
  floor: optional(text),
  credential: optional(text),
  WebSocket: optional(
    expecting('the class of a WebSocket, or false', (value) => value === false || !callable(value)),
  ),
};

/**
 * Protects an API in a server of Node, Deno or Bun: a verifier whose feed arrives over a socket, or
 * by polling elsewhere. The updates start at once and continue until `close`.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { protect } from 'hewn/verifier/node';
 *
 * const hewn = protect({ issuer, audience, feedKey, WebSocket: false });
 * const contacts = hewn.fetch(
 *   { tool: 'crm.search', action: 'read', tier: 1, dataset: 'crm/contacts/eu' },
 *   ({ args }) => Response.json({ found: [], limit: args.limit ?? 10 }),
 * );
 * const server = createServer(hewn.listener(contacts));
 * server.listen(0, async () => {
 *   server.close();
 *   await hewn.close();
 * });
 * ```
 */
export function protect(options: NodeProtectOptions): NodeProtection {
  const { floor, WebSocket, credential, ...others } = readOptions(options, 'protect', OPTIONS);
  const read = readProtectOptions(others);
  const floorOf = (shard: number): FloorStore | undefined =>
    floor === undefined ? undefined : floorFile(shard === 0 ? floor : `${floor}.${shard}`);
  const followed = followFeed(read, floorOf);
  const { clients } = followed;
  const { records } = read;
  // A recorder that confirms positions has the counts of its records, too.
  const confirm =
    credential === undefined || records?.confirm
      ? async () => void clients.map(({ head }, shard) => records?.confirm?.(shard, head))
      : feedPositions(read, credential, clients);
  const Connect = socketOf(WebSocket, read);
  const poll = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.poll()));
    await confirm();
  };
  const stop = Connect
    ? subscribe(read, clients, { Connect, credential, confirm })
    : pollForever(poll);
  const { feed } = followed;
  // The socket or the timer brings the feed forward, and not the requests.
  const protection = protectWith(read, followed, async () => undefined);
  const { origin } = new URL(read.audience);
  return {
    ...protection,
    feed,
    listener: (handler, settings) => listener(handler, { ...settings, origin }),
    close: async () => {
      stop();
      await records?.flush();
    },
  };
}

interface SocketOptions {
  readonly Connect: Connect;
  readonly credential: string | undefined;
  readonly confirm: () => Promise<void>;
}

type Connect = new (url: string) => Socket;

function socketOf(
  given: NodeProtectOptions['WebSocket'],
  { service }: ProtectOptions,
): Connect | undefined {
  if (given !== undefined) return given || undefined;
  // A socket would not go through the service.
  return service ? undefined : (globalThis.WebSocket as unknown as Connect | undefined);
}

function subscribe(
  { issuer, report }: ProtectOptions,
  clients: readonly FeedClient[],
  { Connect: WebSocket, credential, confirm: onHead }: SocketOptions,
): () => void {
  const subscriptions = clients.map(
    (client, shard) =>
      new FeedSubscription({
        url: `${issuer.replace(/^http/, 'ws')}/feed/v2/${shard}/subscribe`,
        client,
        WebSocket,
        onHead,
        ...(credential !== undefined && { credential }),
        ...(report && { report }),
      }),
  );
  return () => {
    for (const subscription of subscriptions) subscription.close();
  };
}

function pollForever(poll: () => Promise<void>): () => void {
  void poll();
  const timer = setInterval(() => void poll(), FEED_POLL_MILLISECONDS);
  // Polling alone must not keep the process alive.
  timer.unref();
  return () => clearInterval(timer);
}
