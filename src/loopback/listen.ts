/**
 * HTTP servers for local use: on 127.0.0.1 only, closed together with every connection they hold.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Where a local server listens, and what a person reads if it cannot. */
export interface LoopbackPort {
  /** 0 takes any free port. */
  readonly port: number;
  /** Names the server in the message about a port that is in use. */
  readonly what: string;
  /** The environment variable that changes the port. */
  readonly portVariable: string;
}

export interface LoopbackServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts to listen. Resolves once the port is bound. `handle` receives the server's own URL. */
export async function listenOnLoopback(
  options: LoopbackPort & { readonly handle: (url: string) => RequestListener },
): Promise<LoopbackServer> {
  const server = createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(options) : error);
    });
    server.listen(options.port, LOOPBACK, () => resolve((server.address() as AddressInfo).port));
  });
  const url = `http://${LOOPBACK}:${port}`;
  server.on('request', options.handle(url));
  return { url, close: () => closeServer(server) };
}

/** Below the ports that Linux gives to servers that listen on port 0, and to clients. */
const RESERVED_PORTS = { first: 20_000, count: 12_000 } as const;
const TRIES_MAX = 20;

/**
 * Returns a port that was free a moment ago, for a server that another process will open.
 *
 * For a server that has to know its URL before it starts. A port that is in use is reported here by
 * name, because the other process would end with its own message. For port 0 the port is drawn
 * at random where the kernel gives out none, or another process could get it in between.
 */
export async function reservePort(wanted: LoopbackPort): Promise<number> {
  if (wanted.port !== 0) return reserve(wanted);
  for (let tries = 1; ; tries++) {
    const port = RESERVED_PORTS.first + Math.floor(Math.random() * RESERVED_PORTS.count);
    try {
      return await reserve({ ...wanted, port });
    } catch (error) {
      if (!(error instanceof PortInUse) || tries === TRIES_MAX) throw error;
    }
  }
}

async function reserve(wanted: LoopbackPort): Promise<number> {
  const reserved = await listenOnLoopback({
    ...wanted,
    handle: () => (_, response) => response.end(),
  });
  await reserved.close();
  return Number(new URL(reserved.url).port);
}

/** The one failure of a start that a person can fix, so its message says how. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(wanted: LoopbackPort) {
    super(
      `port ${wanted.port} on ${LOOPBACK} is in use, and the ${wanted.what} needs it. ` +
        `Stop the program that uses it, or choose another port: ${wanted.portVariable}=<port>, or [dev.ports] in hewn.toml`,
    );
  }
}

/**
 * Cuts all connections: a kept-alive one or an open event stream would keep `close` from resolving.
 */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
