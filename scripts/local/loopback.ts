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

/**
 * Returns a port that was free a moment ago, for a server that another process will open.
 *
 * For a server that has to know its URL before it starts. A port that is in use is reported here by
 * name, because the other process would end with a message of its own.
 */
export async function reservePort(wanted: LoopbackPort): Promise<number> {
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
        `Stop the program that uses it, or choose another port: ${wanted.portVariable}=<port> npm start`,
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
