import {
  type Narrowing,
  type NarrowingError,
  narrow,
  type TokenError,
} from '../capability/index.ts';
import { type Catalogue, describeCall } from '../catalogue/index.ts';
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
import type { CatalogueSource, FetchCatalogueError } from './fetch-catalogue.ts';
import { provingFetch } from './proving-fetch.ts';
import type { CapabilityHolder, RenewalError } from './refreshing.ts';
import { type McpToolCall, readToolCall } from './tool-call.ts';

/** The options of `narrowingFetch`. */
export interface NarrowingFetchOptions {
  /** A capability, or the holder of the current one: see `refreshing`. */
  readonly capability: Capability | CapabilityHolder;
  /**
   * How the arguments of the server's tools name datasets: the source of `issuerCatalogue`, or a
   * catalogue, such as that of `fetchCatalogue`.
   */
  readonly catalogue: Catalogue | CatalogueSource;
  /** The server's name in `mcp/<server>/<tool>`. */
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

/** Why a step was not sent. */
export type NarrowingFailedCode =
  | NarrowingError['code']
  | TokenError['code']
  | RenewalError['code']
  | FetchCatalogueError['code']
  /** The request goes to another origin than the capability's audience. */
  | 'another_audience'
  /** The body is a tool call whose tool cannot be read, or a batch. */
  | 'call_unreadable';

/**
 * Thrown by the `fetch` of `narrowingFetch` if it cannot narrow the token. Nothing was sent: an
 * agent never falls back to its wide token.
 */
export class NarrowingFailed extends Error {
  override readonly name = 'NarrowingFailed';
  readonly code: NarrowingFailedCode;

  constructor(code: NarrowingFailedCode) {
    super(`the request was not sent because its token could not be narrowed: ${code}`);
    this.code = code;
  }
}

/**
 * Returns a `fetch` that sends each request with its own token, narrowed offline to that step.
 * Pass it to the MCP SDK: `new StreamableHTTPClientTransport(url, { fetch: narrowingFetch({ … })
 * })`.
 *
 * A `tools/call` is narrowed to its tool, action, datasets and exact arguments, any other message
 * to the audience and the time. If the capability is bound to a key, the request carries a proof
 * for this request and this token. The `fetch` throws `NarrowingFailed` instead of sending a wide
 * token.
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
  const { seconds = STEP_SECONDS_DEFAULT, now = readClock } = options;
  const send = options.fetch ?? fetch;
  // Requests go to one origin only, so its nonces are kept here.
  const prove = provingFetch(send, now);
  return async (input, init) => {
    const capability = await currentCapability(options.capability);
    const { holder } = capability;
    const target = new URL(input instanceof Request ? input.url : input);
    // The token goes to its audience only, whatever a prompt makes the agent request.
    if (target.origin !== new URL(capability.audience).origin) {
      throw new NarrowingFailed('another_audience');
    }
    const request = new Request(input, init);
    const read = readToolCall(await request.clone().text());
    if (!read.ok) throw new NarrowingFailed(read.error.code);
    const call = read.value;
    // A tool has one audience, so the token of a call need not repeat it: that saves 32 bytes.
    const caveats = call
      ? narrowingOf(call, options.server, await catalogueOf(options.catalogue, capability))
      : { audience: capability.audience };
    const expires = new Date((Math.floor(now() / 1000) + seconds) * 1000);
    const narrowed = await narrow(capability.token, { ...caveats, expires });
    if (!narrowed.ok) throw new NarrowingFailed(narrowed.error.code);
    const headers = new Headers(request.headers);
    headers.set('authorization', `${holder ? 'DPoP' : 'Bearer'} ${narrowed.value}`);
    // A redirect must not take the token elsewhere. workerd does not support 'error' here.
    const step = new Request(request, { headers, redirect: 'manual' });
    return holder ? prove(step, holder, narrowed.value) : send(step);
  };
}

async function currentCapability(source: Capability | CapabilityHolder): Promise<Capability> {
  if (!('current' in source)) return source;
  const current = await source.current();
  if (!current.ok) throw new NarrowingFailed(current.error.code);
  return current.value;
}

async function catalogueOf(
  source: Catalogue | CatalogueSource,
  capability: Capability,
): Promise<Catalogue> {
  if (typeof source !== 'function') return source;
  const catalogue = await source(capability);
  if (!catalogue.ok) throw new NarrowingFailed(catalogue.error.code);
  return catalogue.value;
}

/**
 * Narrows to exactly this call. A call that the catalogue cannot describe is denied by the gateway.
 */
function narrowingOf(call: McpToolCall, server: string, catalogue: Catalogue): Narrowing {
  const tool = `mcp/${server}/${call.name}`;
  const described = describeCall(catalogue, tool, call.args);
  if (!described.ok) return { tool, args: call.args };
  return { tool, dataset: described.value.dataset, args: call.args };
}
