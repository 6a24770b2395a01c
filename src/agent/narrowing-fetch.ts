import type { Catalogue } from '../catalogue/index.ts';
import { type Clock, readClock } from '../clock.ts';
import { STEP_SECONDS_DEFAULT } from '../limits.ts';
import {
  callable,
  expecting,
  type Members,
  numberFrom,
  object,
  optional,
  readOptions,
  text,
} from '../options.ts';
import type { Capability } from './capability.ts';
import type { CatalogueSource } from './fetch-catalogue.ts';
import { narrowedSender, requestOf } from './narrowed-sender.ts';
import type { CapabilityHolder } from './refreshing.ts';

/** The options of `narrowingFetch`. */
export interface NarrowingFetchOptions {
  /** A capability, or the holder of the current one: see `refreshing`. */
  readonly capability: Capability | CapabilityHolder;
  /**
   * How the arguments of the server's tools name datasets: the source of `issuerCatalogue`, or a
   * catalogue, such as that of `fetchCatalogue`.
   */
  readonly catalogue: Catalogue | CatalogueSource;
  /** The server's name in `mcp/<server>/<tool>`. A request to `/http/<server>/…` has its own. */
  readonly server: string;
  /** How long the token of one step is valid; 30 s by default. */
  readonly seconds?: number;
  readonly fetch?: typeof fetch;
  readonly now?: Clock;
}

const OPTIONS: Members<NarrowingFetchOptions> = {
  capability: object,
  catalogue: expecting(
    'a catalogue, as `parseCatalogue` reads it, or the source of `issuerCatalogue`',
    (it) => it instanceof Map || typeof it === 'function',
  ),
  server: text,
  seconds: optional(numberFrom(1)),
  fetch: optional(callable),
  now: optional(callable),
};

/**
 * Returns a `fetch` that sends each request with its own token, narrowed offline to that step.
 * Pass it to the MCP SDK: `new StreamableHTTPClientTransport(url, { fetch: narrowingFetch({ … })
 * })`.
 *
 * A `tools/call`, and a request to an HTTP API at `/http/<server>/…`, is narrowed to its tool,
 * action, datasets and exact arguments, any other message to the audience and the time. If the
 * capability is bound to a key, the request carries a proof for this request and this token. The
 * `fetch` throws `NarrowingFailed` instead of sending a wide token.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 *
 * @example
 * ```ts
 * import { narrowingFetch } from 'hewn/agent';
 *
 * const send = narrowingFetch({ capability, catalogue, server: 'files', fetch });
 * const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
 * const response = await send(audience, { method: 'POST', body });
 * console.log(response.status);
 * ```
 */
export function narrowingFetch(options: NarrowingFetchOptions): typeof fetch {
  readOptions(options, 'narrowingFetch', OPTIONS);
  const { server, seconds = STEP_SECONDS_DEFAULT, now = readClock } = options;
  const { capability, catalogue, fetch: send = fetch } = options;
  const step = narrowedSender({
    capability,
    catalogue,
    seconds,
    send,
    now,
    serverOf: () => server,
  });
  return async (input, init) => (await step(requestOf(input, init))).response;
}
