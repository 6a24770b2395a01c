import { argumentNodes, type Narrowing, narrow } from '../capability/index.ts';
import { type Catalogue, describeCall } from '../catalogue/index.ts';
import { type Clock, toSeconds } from '../clock.ts';
import {
  isBodyRead,
  readHttpCall,
  readTarget,
  receiveBody,
  routesOf,
} from '../http-route/index.ts';
import type { CallApproval, CallApprover, CollectedCall } from './approve-call.ts';
import type { Capability } from './capability.ts';
import type { CatalogueSource } from './fetch-catalogue.ts';
import type { NamedCall } from './named-call.ts';
import { NarrowingFailed, narrowingFailed } from './narrowing-failed.ts';
import { provingFetch } from './proving-fetch.ts';
import { AgentReceipts, attachReceipts, keepReceipts } from './receipts/index.ts';
import type { CapabilityHolder } from './refreshing.ts';
import { readToolCall } from './tool-call.ts';

/** Whatever a gateway accepts is less. */
const BODY = { bytesMax: 4 * 1024 * 1024, millisecondsMax: 60_000 };

export interface SenderOptions {
  readonly capability: Capability | CapabilityHolder;
  readonly catalogue: Catalogue | CatalogueSource;
  /** Returns the name of the MCP server at a URL, or undefined if no server has that URL. */
  readonly serverOf: (url: URL) => string | undefined;
  readonly seconds: number;
  readonly send: typeof fetch;
  readonly now: Clock;
  /** Of the workflow, for the time of this sender. */
  readonly receipts?: AgentReceipts;
  /** Has the tokens of calls that a person approved. */
  readonly approver?: Pick<CallApprover, 'collect'>;
}

/** The answer to a request, and the call that the request was. */
export interface Sent {
  readonly response: Response;
  readonly call: NamedCall | undefined;
  /** What became of the question about this call, if it was asked about before. */
  readonly answer?: CallApproval | undefined;
}

/** Reads what `fetch` takes. A URL with user info names another host than a reader may think. */
export function requestOf(input: string | URL | Request, init?: RequestInit): Request {
  if (input instanceof Request) return new Request(input, init);
  const { username, password } = new URL(input);
  if (username !== '' || password !== '') {
    throw new NarrowingFailed('another_audience', 'The URL has user info. Remove it.');
  }
  return new Request(input, init);
}

/** Returns a function that sends each request with its own token: see `narrowingFetch`. */
export function narrowedSender(options: SenderOptions): (request: Request) => Promise<Sent> {
  const { send, now, receipts = new AgentReceipts() } = options;
  // Requests go to one origin only, so its nonces are kept here.
  const prove = provingFetch(send, now);
  return async (request) => {
    const capability = await currentCapability(options.capability);
    const { holder } = capability;
    // The token goes to its audience only, whatever a prompt makes the agent request.
    const [target, own] = [request.url, capability.audience].map((url) => new URL(url).origin);
    if (target !== own) {
      const why = `The capability is for ${own}, and the request goes to ${target}.`;
      throw new NarrowingFailed('another_audience', why);
    }
    const { call, catalogue, text } = await readRequest(request, options, capability);
    const { taken, answer } = (call && (await options.approver?.collect(call))) ?? {};
    const token = await stepToken({ call, catalogue }, taken, capability, options);
    const entry = call && catalogue?.get(call.tool);
    const reading = { request, text, args: call?.args, content: entry?.content };
    const attached = await attachReceipts(reading, receipts, toSeconds(now()));
    const headers = new Headers(attached.headers);
    headers.set('authorization', `${holder ? 'DPoP' : 'Bearer'} ${token}`);
    // A redirect must not take the token elsewhere. workerd does not support 'error' here.
    const step = new Request(attached, { headers, redirect: 'manual' });
    const response = await (holder ? prove(step, holder, token) : send(step));
    if (!entry?.field) return { response, call, answer };
    const { workflow } = capability;
    const kept = await keepReceipts(response, { receipts, workflow }, toSeconds(now()));
    return { response: kept, call, answer };
  };
}

/** What a request is, as far as its token and its attachments depend on it. */
interface ReadRequest {
  /** Undefined for a message of MCP that calls no tool, and for an API without a gateway. */
  readonly call: NamedCall | undefined;
  /** Of a call. */
  readonly catalogue?: Catalogue | undefined;
  /** The body, unless the request goes to an HTTP API of a gateway. */
  readonly text?: string;
}

/** Returns the token of one step: of an approved call, the one that its approval fits. */
async function stepToken(
  { call, catalogue }: ReadRequest,
  approved: CollectedCall['taken'],
  capability: Capability,
  { seconds, now }: SenderOptions,
): Promise<string> {
  if (approved?.isStep) return approved.token;
  // A tool has one audience, so the token of a call need not repeat it: that saves 32 bytes.
  const caveats =
    call && catalogue ? narrowingOf(call, catalogue) : { audience: capability.audience };
  const expires = new Date((Math.floor(now() / 1000) + seconds) * 1000);
  const narrowed = await narrow(approved?.token ?? capability.token, { ...caveats, expires });
  if (!narrowed.ok) throw narrowingFailed(narrowed.error);
  return narrowed.value;
}

async function currentCapability(source: Capability | CapabilityHolder): Promise<Capability> {
  if (!('current' in source)) return source;
  const current = await source.current();
  if (!current.ok) throw narrowingFailed(current.error);
  return current.value;
}

export async function catalogueOf(
  source: Catalogue | CatalogueSource,
  capability: Capability,
): Promise<Catalogue> {
  if (typeof source !== 'function') return source;
  const catalogue = await source(capability);
  if (!catalogue.ok) throw narrowingFailed(catalogue.error);
  return catalogue.value;
}

async function readRequest(
  request: Request,
  options: SenderOptions,
  capability: Capability,
): Promise<ReadRequest> {
  const [, api] = /^\/http\/([a-z0-9-]{1,32})(?:\/|$)/.exec(new URL(request.url).pathname) ?? [];
  if (api !== undefined) {
    const catalogue = await catalogueOf(options.catalogue, capability);
    return { call: await readApiCall(request, api, catalogue), catalogue };
  }
  const text = await request.clone().text();
  const read = readToolCall(text);
  if (!read.ok) throw narrowingFailed(read.error);
  if (read.value === undefined) return { call: undefined, text };
  const { name, args } = read.value;
  const server = options.serverOf(new URL(request.url));
  if (server === undefined) {
    const why = 'It calls a tool at a URL that names no MCP server. Use `mcp(server, url)`.';
    throw new NarrowingFailed('call_unreadable', why);
  }
  const catalogue = await catalogueOf(options.catalogue, capability);
  return { call: { tool: `mcp/${server}/${name}`, args }, catalogue, text };
}

/** Reads a request to an HTTP API as the gateway does. */
async function readApiCall(
  request: Request,
  server: string,
  catalogue: Catalogue,
): Promise<NamedCall> {
  const { method, headers, url } = request;
  const target = readTarget(url, `/http/${server}`);
  if (!target.ok) throw narrowingFailed(target.error);
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
  if (!call.ok) throw narrowingFailed(call.error.error);
  return call.value;
}

/**
 * Narrows to exactly this call. A call that the catalogue cannot describe is denied by the gateway.
 */
export function narrowingOf({ tool, args }: NamedCall, catalogue: Catalogue): Narrowing {
  const described = describeCall(catalogue, tool, args);
  // Every verifier would deny what it cannot read, unless the catalogue says that it is content.
  const read = argumentNodes(args, described.ok ? described.value.content : undefined);
  if (!read.ok) throw narrowingFailed(read.error);
  return described.ok ? { tool, dataset: described.value.dataset, args } : { tool, args };
}
