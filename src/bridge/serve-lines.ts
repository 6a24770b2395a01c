import type { Readable, Writable } from 'node:stream';
import type { JsonObject } from '../canonical-json.ts';
import { LINE_BYTES_MAX, readLines, writeLine } from './lines.ts';
import { errorOf, RPC_CODES, readClientMessage } from './message.ts';
import type { Relay } from './relay.ts';

const PENDING_MAX = 64; // Requests of one client at once; agents make a handful.

/** What makes the relay of one client, which gets what the server sends on its own. */
export type OpenRelay = (onMessage: (message: JsonObject) => void) => Relay;

/**
 * Serves one client that sends a message in each line, as over standard streams. Resolves when the
 * client has left. Never rejects, and never ends because of a message.
 */
export async function serveLines(
  open: OpenRelay,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<void> {
  const send = (message: JsonObject): void => writeLine(output, message);
  const relay = open(send);
  await readLines(input, (line) => {
    if (line === undefined) {
      send(errorOf(null, RPC_CODES.invalidRequest, `a line has over ${LINE_BYTES_MAX} bytes`));
    } else onLine(relay, line, send);
  });
  await relay.close();
}

function onLine(relay: Relay, line: string, send: (message: JsonObject) => void): void {
  const message = readClientMessage(line);
  switch (message.kind) {
    case 'request': {
      const { request } = message;
      if (relay.pending >= PENDING_MAX) {
        const text = `more than ${PENDING_MAX} requests wait for an answer`;
        send(errorOf(request.id, RPC_CODES.internal, text));
        return;
      }
      relay.request(request, send).then((answer) => answer && send(answer));
      return;
    }
    case 'notification':
      relay.notify(message.notification);
      return;
    case 'answer':
      relay.answer(message.answer);
      return;
    case 'unreadable':
      send(errorOf(message.id, RPC_CODES.invalidRequest, message.why));
  }
}
