import { type Narrowing, narrow } from '../capability/index.ts';
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
import { provingFetch } from './proving-fetch.ts';
import type { CapabilityHolder } from './refreshing.ts';
import { type McpToolCall, readToolCall } from './tool-call.ts';

export interface NarrowingFetchOptions {
  /** The capability, or who holds the current one: see `refreshing`. */
  readonly capability: Capability | CapabilityHolder;
  /** How the arguments of the server's tools name datasets; the gateway judges by the same one. */
  readonly catalogue: Catalogue;
  /** The server's name in `mcp/<server>/<tool>`. */
  readonly server: string;
  /** How long a step's token lives. */
  readonly seconds?: number;
  readonly fetch?: typeof fetch;
  readonly now?: Clock;
}

const OPTIONS: Members<NarrowingFetchOptions> = {
  capability: object,
  catalogue: expecting('a catalogue, as `parseCatalogue` reads it', (it) => it instanceof Map),
  server: text,
  seconds: optional(numberFrom(1)),
  fetch: optional(callable),
  now: optional(callable),
};

/** A step that could not be narrowed was not sent: an agent never falls back to its wide token. */
export class NarrowingFailed extends Error {
  override readonly name = 'NarrowingFailed';
  readonly code: string;

  constructor(code: string) {
    super(`the step was not sent because its token could not be narrowed: ${code}`);
    this.code = code;
  }
}

/**
 * A `fetch` that sends every request with a token of its own, narrowed offline to that one step. It
 * plugs into the MCP SDK's Streamable HTTP transport: `new StreamableHTTPClientTransport(url, {
 * fetch: narrowingFetch({ … }) })`. A `tools/call` is narrowed to its tool, action, datasets and
 * exact arguments; any other message to the audience and the time alone. A capability that is bound
 * to a key goes out with a proof of it, made for this request and this token.
 *
 * Throws a TypeError for options that it does not know or cannot use.
 */
export function narrowingFetch(options: NarrowingFetchOptions): typeof fetch {
  readOptions(options, 'narrowingFetch', OPTIONS);
  const { seconds = STEP_SECONDS_DEFAULT, now = readClock } = options;
  const send = options.fetch ?? fetch;
  // One origin alone is ever sent to, so its nonces are kept here.
  const prove = provingFetch(send, now);
  return async (input, init) => {
    const capability = await currentCapability(options.capability);
    const { holder } = capability;
    const target = new URL(input instanceof Request ? input.url : input);
    // The token goes to its audience and nowhere else, whatever the caller was talked into.
    if (target.origin !== new URL(capability.audience).origin) {
      throw new NarrowingFailed('another_audience');
    }
    const request = new Request(input, init);
    const read = readToolCall(await request.clone().text());
    if (!read.ok) throw new NarrowingFailed(read.error.code);
    const call = read.value;
    // A call's token is cut down to its tool, which has one audience; repeating it costs 32 bytes.
    const cut = call ? narrowingOf(call, options) : { audience: capability.audience };
    const expires = new Date((Math.floor(now() / 1000) + seconds) * 1000);
    const narrowed = await narrow(capability.token, { ...cut, expires });
    if (!narrowed.ok) throw new NarrowingFailed(narrowed.error.code);
    const headers = new Headers(request.headers);
    headers.set('authorization', `${holder ? 'DPoP' : 'Bearer'} ${narrowed.value}`);
    // Not followed, so that no redirect takes the token elsewhere; workerd knows no 'error' here.
    const step = new Request(request, { headers, redirect: 'manual' });
    return holder ? prove(step, holder, narrowed.value) : send(step);
  };
}

async function currentCapability(held: Capability | CapabilityHolder): Promise<Capability> {
  if (!('current' in held)) return held;
  const current = await held.current();
  if (!current.ok) throw new NarrowingFailed(current.error.code);
  return current.value;
}

/** What the call needs and nothing more; what the catalogue cannot place is left to the gateway. */
function narrowingOf(call: McpToolCall, options: NarrowingFetchOptions): Narrowing {
  const tool = `mcp/${options.server}/${call.name}`;
  const described = describeCall(options.catalogue, tool, call.args);
  if (!described.ok) return { tool, args: call.args };
  return { tool, dataset: described.value.dataset, args: call.args };
}
