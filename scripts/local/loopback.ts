/**
 * HTTP servers for local use: on 127.0.0.1 only, and ended whole, with every connection they hold.
 */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/** Where a server of the local scene is to listen, and what a person is told where it cannot. */
export interface LoopbackPort {
  /** 0 takes any free one. */
  readonly port: number;
  /** Names the server in the message about a port that is in use. */
  readonly what: string;
  /** The environment variable that moves it. */
  readonly portVariable: string;
}

export interface LoopbackServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Listens, and answers once the port is held. `handle` learns the server's own URL. */
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
 * A port for a server that another process will open, found free a moment ago.
 *
 * For what has to know its URL before it starts; a port that is in use is said by its name, where
 * the other process would end with a line of its own.
 */
export async function reservePort(wanted: LoopbackPort): Promise<number> {
  const held = await listenOnLoopback({ ...wanted, handle: () => (_, response) => response.end() });
  await held.close();
  return Number(new URL(held.url).port);
}

/** The one failure of a start that a person can mend, so its message says how. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(at: LoopbackPort) {
    super(
      `port ${at.port} on ${LOOPBACK} is in use, and the ${at.what} wants it. ` +
        `Stop what holds it, or choose another: ${at.portVariable}=<port> npm start`,
    );
  }
}

/** A kept-alive connection or an open event stream would hold `close` for ever: they are cut. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
