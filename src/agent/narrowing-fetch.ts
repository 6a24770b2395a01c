import type { JsonObject } from '../canonical-json.ts';
import {
  argumentNodes,
  type Narrowing,
  type NarrowingError,
  narrow,
  type TokenError,
} from '../capability/index.ts';
import { type Catalogue, describeCall } from '../catalogue/index.ts';
import { type Clock, readClock } from '../clock.ts';
import {
  type HttpCallError,
  isBodyRead,
  readHttpCall,
  readTarget,
  receiveBody,
  routesOf,
} from '../http-route/index.ts';
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
import { readToolCall } from './tool-call.ts';

/** Whatever a gateway accepts is less. */
const BODY = { bytesMax: 4 * 1024 * 1024, millisecondsMax: 60_000 };

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

/** Why a step was not sent. */
export type NarrowingFailedCode =
  | NarrowingError['code']
  | TokenError['code']
  | RenewalError['code']
  | FetchCatalogueError['code']
  /** The request goes to another origin than the capability's audience. */
  | 'another_audience'
  /** A request to an HTTP API that the catalogue does not have as the call of a tool. */
  | HttpCallError['code']
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
    const call = await readCall(request, options, capability);
    // A tool has one audience, so the token of a call need not repeat it: that saves 32 bytes.
    const caveats = call
      ? narrowingOf(call, await catalogueOf(options.catalogue, capability))
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

/** A call by the name that its tool has in the catalogue. */
interface NamedCall {
  readonly tool: string;
  readonly args: JsonObject;
}

/** Returns the call that a request is; undefined for a message of MCP that calls no tool. */
async function readCall(
  request: Request,
  { server, catalogue }: NarrowingFetchOptions,
  capability: Capability,
): Promise<NamedCall | undefined> {
  const [, api] = /^\/http\/([a-z0-9-]{1,32})(?:\/|$)/.exec(new URL(request.url).pathname) ?? [];
  if (api !== undefined) {
    return readApiCall(request, api, await catalogueOf(catalogue, capability));
  }
  const read = readToolCall(await request.clone().text());
  if (!read.ok) throw new NarrowingFailed(read.error.code);
  const call = read.value;
  return call && { tool: `mcp/${server}/${call.name}`, args: call.args };
}

/** Reads a request to an HTTP API as the gateway does. */
async function readApiCall(
  request: Request,
  server: string,
  catalogue: Catalogue,
): Promise<NamedCall> {
  const { method, headers, url } = request;
  const target = readTarget(url, `/http/${server}`);
  if (!target.ok) throw new NarrowingFailed(target.error.code);
  // A body that is not read must not be copied: the copy would hold all of it.
  const body = await receiveBody(isBodyRead(headers) ? request.clone() : request, BODY);
  const call = readHttpCall(routesOf(catalogue), {
    server,
    method,
    headers,
    body,
    ...target.value,
  });
  // A gateway with a newer catalogue could take it for a call, under a token that is not narrowed.
  if (!call.ok) throw new NarrowingFailed(call.error.error.code);
  return call.value;
}

/**
 * Narrows to exactly this call. A call that the catalogue cannot describe is denied by the gateway.
 */
function narrowingOf({ tool, args }: NamedCall, catalogue: Catalogue): Narrowing {
  const described = describeCall(catalogue, tool, args);
  // Every verifier would deny what it cannot read, unless the catalogue says that it is content.
  const read = argumentNodes(args, described.ok ? described.value.content : undefined);
  if (!read.ok) throw new NarrowingFailed(read.error.code);
  return described.ok ? { tool, dataset: described.value.dataset, args } : { tool, args };
}
