import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';

export interface ListenerOptions {
  /** This server as its clients spell it; the `Host` header, which they choose, is not believed. */
  readonly origin: string;
  /** Sees what a handler threw; the client is told 500 and nothing else. */
  readonly failed?: (error: unknown) => void;
}

const OPTIONS: Members<ListenerOptions> = { origin: httpUrl, failed: optional(callable) };

/** Serves a Fetch handler, such as that of `guard`, from `node:http`: `createServer(listener)`. */
export function listener(
  handler: (request: Request) => Promise<Response>,
  options: ListenerOptions,
) {
  const { origin, failed } = readOptions(options, 'listener', OPTIONS);
  return async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      const response = await handler(toRequest(incoming, origin));
      outgoing.writeHead(response.status, headersOf(response));
      if (response.body) await pipeline(Readable.from(response.body), outgoing);
      else outgoing.end();
    } catch (error) {
      failed?.(error);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    }
  };
}

function toRequest(incoming: IncomingMessage, origin: string): Request {
  const { method = 'GET', url = '/', rawHeaders } = incoming;
  const headers = new Headers();
  // As they came: Node's own map drops the second of two headers, which is for the verifier to see.
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const hasBody = method !== 'GET' && method !== 'HEAD';
  return new Request(new URL(origin + (url.startsWith('/') ? url : '/')), {
    method,
    headers,
    ...(hasBody && { body: Readable.toWeb(incoming) as BodyInit, duplex: 'half' }),
  });
}

const headersOf = ({ headers }: Response): string[] => [...headers].flat();
