import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import { report } from '../report.ts';
import { readIncoming } from './read-request.ts';
import { IncomingBody } from './request-body.ts';
import { sendResponse, sendStatus } from './send-response.ts';

export interface ListenerOptions {
  /**
   * This server as its clients spell it, such as the audience of its tokens: its origin counts. The
   * `Host` header, which clients choose, is not believed.
   */
  readonly origin: string;
  /** Sees what a handler threw; the client is told 500 alone. Without it: the console. */
  readonly failed?: Failed<void> | Failed<Promise<void>>;
}

type Failed<Returned> = (error: unknown) => Returned;

const OPTIONS: Members<ListenerOptions> = { origin: httpUrl, failed: optional(callable) };

/**
 * Serves a Fetch handler, such as that of `guard`, from `node:http` or `node:http2`:
 * `createServer(listener(…))`.
 */
export function listener(
  handler: (request: Request) => Promise<Response>,
  options: ListenerOptions,
) {
  const { origin: named, failed = reportFailure } = readOptions(options, 'listener', OPTIONS);
  const { origin } = new URL(named);
  return async (
    incoming: IncomingMessage | Http2ServerRequest,
    outgoing: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const body = new IncomingBody(incoming);
    try {
      const request = readIncoming(incoming, origin, body);
      if (!request.ok) return await sendStatus(request.error, outgoing, body);
      const response = await handler(request.value);
      await sendResponse(response, outgoing, body, incoming.method === 'HEAD');
    } catch (error) {
      tell(failed, error);
      // What was begun and cannot be ended must not look whole.
      if (outgoing.headersSent) outgoing.destroy();
      else await sendStatus(500, outgoing, body).catch(() => outgoing.destroy());
    }
  };
}

/** What it throws is its own, and ends no process. */
function tell(failed: (error: unknown) => void | Promise<void>, error: unknown): void {
  try {
    Promise.resolve(failed(error)).catch(reportFailure);
  } catch (thrown) {
    reportFailure(thrown);
  }
}

const reportFailure = (error: unknown): void =>
  report('listener.failed', { error: error instanceof Error ? error.stack : typeof error });
