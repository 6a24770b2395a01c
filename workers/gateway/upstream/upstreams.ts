import {
  type CallLimits,
  toolLimits,
  type UpstreamConfig,
  type UpstreamConfigs,
} from '../../../src/upstream/index.ts';
import { UpstreamError } from './error.ts';
import { outgoingHeaders } from './headers.ts';
import { whenRead } from './passing.ts';
import { Slots } from './slots.ts';
import type { CallCredential, Upstream, UpstreamRequest } from './upstream.ts';

/** The servers behind the gateway, by name. */
export interface Upstreams {
  get(name: string): Upstream | undefined;
}

/** What a binding of the platform is called through. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** Creates the servers of an isolate. `env` has their bindings. */
export function createUpstreams(configs: UpstreamConfigs, env: object): Upstreams {
  const slots = new Slots();
  const upstreams = new Map(
    Object.entries(configs).map(([name, config]) => [
      name,
      new ConfiguredUpstream(name, config, env, slots),
    ]),
  );
  return { get: (name) => upstreams.get(name) };
}

class ConfiguredUpstream implements Upstream {
  readonly name: string;
  readonly url: URL;
  readonly #config: UpstreamConfig;
  readonly #fetch: Fetch | undefined;
  readonly #slots: Slots;

  constructor(name: string, config: UpstreamConfig, env: object, slots: Slots) {
    this.name = name;
    this.url = new URL(config.url);
    this.#config = config;
    this.#fetch = fetchOf(config, env);
    this.#slots = slots;
  }

  get kind(): Upstream['kind'] {
    return this.#config.kind;
  }

  get mode(): Upstream['mode'] {
    return this.#config.mode;
  }

  get serverRequests(): Upstream['serverRequests'] {
    return this.#config.serverRequests;
  }

  get observedCredential(): Upstream['observedCredential'] {
    return this.#config.observedCredential;
  }

  get isBound(): boolean {
    return (this.#config.service ?? this.#config.certificate) !== undefined;
  }

  get limits(): CallLimits {
    return this.#config.limits;
  }

  async send(request: UpstreamRequest): Promise<Response> {
    const { method, path, headers, body, signal, tool, caller } = request;
    const { credential } = caller ?? { credential: 'gateway' };
    const send = this.#fetch;
    if (this.#config.fault !== undefined || !send) throw new UpstreamError('upstream_unavailable');
    // A binding is a credential as well.
    if (credential !== 'gateway' && this.isBound) throw new UpstreamError('upstream_unavailable');
    const limits = toolLimits(this.limits, tool?.limits);
    if (body !== undefined && bytesOf(body) > limits.requestBytes) {
      throw new UpstreamError('upstream_request_too_large');
    }
    const url = path === undefined ? this.url : below(this.url, path);
    const release = this.#takeSlots(tool?.name, limits);
    try {
      const response = await send(url, {
        method,
        headers: withOwnCredential(outgoingHeaders(headers), credential),
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body }),
      });
      return release ? whenRead(response, signal, release) : response;
    } catch (error) {
      release?.();
      throw error;
    }
  }

  /** Returns the function that gives back what was taken; undefined if nothing is bounded. */
  #takeSlots(tool: string | undefined, { concurrent }: CallLimits): (() => void) | undefined {
    const taken: (() => void)[] = [];
    const release = (): void => {
      for (const giveBack of taken) giveBack();
    };
    const bounds = [
      [this.name, this.limits.concurrent],
      [tool, concurrent],
    ] as const;
    for (const [name, bound] of bounds) {
      if (name === undefined || bound === undefined) continue;
      const giveBack = this.#slots.take(name, bound);
      if (!giveBack) {
        release();
        throw new UpstreamError('upstream_busy');
      }
      taken.push(giveBack);
    }
    return taken.length === 0 ? undefined : release;
  }
}

function withOwnCredential(headers: Headers, credential: CallCredential): Headers {
  const own = typeof credential === 'object' ? credential.headers : [];
  for (const [name, value] of own) headers.set(name, value);
  return headers;
}

/** Returns undefined if the binding is missing. */
function fetchOf({ service, certificate }: UpstreamConfig, env: object): Fetch | undefined {
  const binding = service ?? certificate;
  if (binding === undefined) return (url, init) => fetch(url, init);
  const bound = (env as Readonly<Record<string, Fetcher | undefined>>)[binding];
  return bound && ((url, init) => bound.fetch(url.href, init as never) as never);
}

/** A character of the body takes at most three bytes. */
function bytesOf(body: string | Uint8Array | ReadableStream): number {
  if (body instanceof ReadableStream) return 0;
  return typeof body === 'string' ? new TextEncoder().encode(body).length : body.length;
}

/** Throws if the path leads elsewhere: the transport has to refuse such a path. */
function below(base: URL, path: string): URL {
  const root = base.pathname.replace(/\/$/, '');
  const url = new URL(`${base.origin}${root}${path}`);
  const isBelow = url.origin === base.origin && url.pathname.startsWith(`${root}/`);
  if (!path.startsWith('/') || !isBelow || url.hash !== '') {
    throw new Error('the path leads out of the URL of the server');
  }
  const query = [base.search, url.search].map((each) => each.slice(1)).filter((each) => each);
  url.search = query.join('&');
  return url;
}
