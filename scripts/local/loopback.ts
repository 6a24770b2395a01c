/** HTTP servers for local use: on 127.0.0.1 only, and ended whole, with every connection they hold. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LOOPBACK = '127.0.0.1';

export interface LoopbackServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * Listens and answers once the port is held. Port 0 takes any free one.
 *
 * `what` names the server in the message about a port that is in use, and `portVariable` is the
 * environment variable that moves it.
 */
export async function listenOnLoopback(options: {
  readonly port: number;
  readonly what: string;
  readonly portVariable: string;
  readonly handle: (url: string) => RequestListener;
}): Promise<LoopbackServer> {
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

/** The one failure of a start that a person can mend, so its message says how. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';

  constructor(at: { readonly port: number; readonly what: string; readonly portVariable: string }) {
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
