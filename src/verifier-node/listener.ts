import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { RequestBody, readRequest, sendResponse, sendStatus } from '../node-http/index.ts';
import { httpUrl } from '../option-values.ts';
import { callable, type Members, optional, readOptions } from '../options.ts';
import { report } from '../report.ts';

/** The options of `listener`. */
export interface ListenerOptions {
  /**
   * The URL of this server as its clients write it, such as the audience of its tokens. Only its
   * origin counts. The `Host` header is ignored, because clients choose it.
   */
  readonly origin: string;
  /** Gets whatever a handler throws; the client gets 500 only. The console by default. */
  readonly failed?: Failed<void> | Failed<Promise<void>>;
}

type Failed<Returned> = (error: unknown) => Returned;

const OPTIONS: Members<ListenerOptions> = { origin: httpUrl, failed: optional(callable) };

/**
 * Returns a listener of `node:http` or `node:http2` that serves a Fetch handler, such as that of
 * `guard`. Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { listener } from 'hewn/verifier/node';
 *
 * const server = createServer(listener(async () => Response.json({}), { origin: audience }));
 * server.listen(0, () => server.close());
 * ```
 */
export function listener(
  handler: (request: Request) => Promise<Response>,
  options: ListenerOptions,
) {
  const { origin: url, failed = reportFailure } = readOptions(options, 'listener', OPTIONS);
  const { origin } = new URL(url);
  return async (
    incoming: IncomingMessage | Http2ServerRequest,
    outgoing: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const body = new RequestBody(incoming);
    try {
      const request = readRequest(incoming, origin, body);
      if (!request.ok) return await sendStatus(request.error, outgoing, body);
      const response = await handler(request.value);
      await sendResponse(response, outgoing, body, incoming.method === 'HEAD');
    } catch (error) {
      notify(failed, error);
      // A response that was started and cannot be finished must not look complete.
      if (outgoing.headersSent) outgoing.destroy();
      else await sendStatus(500, outgoing, body).catch(() => outgoing.destroy());
    }
  };
}

/** Calls `failed`. Whatever it throws ends no process. */
function notify(failed: (error: unknown) => void | Promise<void>, error: unknown): void {
  try {
    Promise.resolve(failed(error)).catch(reportFailure);
  } catch (thrown) {
    reportFailure(thrown);
  }
}

const reportFailure = (error: unknown): void =>
  report('listener.failed', { error: error instanceof Error ? error.stack : typeof error });
