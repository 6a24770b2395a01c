import { report } from '../../../src/report.ts';
import {
  type CallLimits,
  toolLimits,
  type UpstreamConfig,
  type UpstreamConfigs,
} from '../../../src/upstream/index.ts';
import { guardAnswer } from './answer.ts';
import { Authentication } from './authentication.ts';
import type { CallerSigner } from './caller.ts';
import type { CredentialFault, Injected, Outgoing } from './credentials/index.ts';
import { UpstreamError } from './error.ts';
import { outgoingHeaders } from './headers.ts';
import type { SecretEnv } from './secrets.ts';
import { Slots } from './slots.ts';
import type { CallCredential, Upstream, UpstreamRequest } from './upstream.ts';

/** The servers behind the gateway, by name. */
export interface Upstreams {
  get(name: string): Upstream | undefined;
  /** Those that the gateway cannot or may not call, as far as that is known without a call. */
  unavailable(): readonly UnavailableUpstream[];
}

export interface UnavailableUpstream {
  readonly name: string;
  /** The variable, secret or binding at fault. Absent for a server that is suspended. */
  readonly variable?: string;
}

/** What a binding of the platform is called through. */
type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** Creates the servers of an isolate. `env` has their bindings. */
export function createUpstreams(
  configs: UpstreamConfigs,
  env: object,
  signer: CallerSigner,
): Upstreams {
  const parts = { env: env as SecretEnv, signer, slots: new Slots() };
  const upstreams = new Map(
    Object.entries(configs).map(([name, config]) => [
      name,
      new ConfiguredUpstream(name, config, parts),
    ]),
  );
  return {
    get: (name) => upstreams.get(name),
    unavailable: () =>
      [...upstreams.values()].flatMap((upstream) => {
        const { name, fault } = upstream;
        return fault ? [{ name, ...fault }] : [];
      }),
  };
}

/** What the servers of an isolate share. */
interface Parts {
  readonly env: SecretEnv;
  readonly signer: CallerSigner;
  readonly slots: Slots;
}

class ConfiguredUpstream implements Upstream {
  readonly name: string;
  readonly url: URL;
  readonly #config: UpstreamConfig;
  readonly #fetch: Fetch | undefined;
  readonly #slots: Slots;
  readonly #authentication: Authentication;
  #isSuspended = false;

  constructor(name: string, config: UpstreamConfig, { env, signer, slots }: Parts) {
    this.name = name;
    this.url = new URL(config.url);
    this.#config = config;
    this.#fetch = fetchOf(config, env);
    this.#slots = slots;
    this.#authentication = new Authentication(config, env, signer);
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

  /** What is at fault, if the server cannot be called. */
  get fault(): Pick<UnavailableUpstream, 'variable'> | undefined {
    const { fault, service, certificate } = this.#config;
    if (this.#isSuspended) return {};
    if (fault !== undefined) return { variable: 'UPSTREAMS' };
    const binding = service ?? certificate;
    if (!this.#fetch && binding !== undefined) return { variable: binding };
    const variable = this.#authentication.missing();
    return variable === undefined ? undefined : { variable };
  }

  async send(request: UpstreamRequest): Promise<Response> {
    const { method, path, headers, body, signal, tool, caller } = request;
    const { credential } = caller ?? { credential: 'gateway' };
    const send = this.#fetch;
    if (this.#isSuspended) throw new UpstreamError('upstream_suspended');
    if (this.#config.fault !== undefined || !send) throw new UpstreamError('upstream_unavailable');
    // A binding is a credential as well.
    if (credential !== 'gateway' && this.isBound) throw new UpstreamError('upstream_unavailable');
    const limits = toolLimits(this.limits, tool?.limits);
    if (body !== undefined && bytesOf(body) > limits.requestBytes) {
      throw new UpstreamError('upstream_request_too_large');
    }
    const outgoing: Outgoing = {
      url: path === undefined ? this.url : below(this.url, path),
      method,
      headers: outgoingHeaders(headers),
      body,
      caller,
      signal,
    };
    const release = request.isListening ? undefined : this.#takeSlots(tool?.name, limits);
    try {
      const { url = outgoing.url, secrets } = await this.#authenticate(outgoing, credential);
      const response = await send(url, {
        method,
        headers: outgoing.headers,
        redirect: 'manual',
        signal,
        ...(body !== undefined && { body }),
      });
      const isGateways = credential === 'gateway';
      if (response.status === 401 && isGateways) this.#authentication.refused(outgoing);
      return guardAnswer(response, {
        signal,
        needles: this.#authentication.needlesOf(secrets),
        done: release,
        leaked: (where) => this.#suspend(where),
      });
    } catch (error) {
      release?.();
      throw error;
    }
  }

  async #authenticate(outgoing: Outgoing, credential: CallCredential): Promise<Injected> {
    if (credential !== 'gateway') {
      const own = credential === 'none' ? [] : credential.headers;
      for (const [name, value] of own) outgoing.headers.set(name, value);
      return { secrets: [] };
    }
    const added = await this.#authentication.addCaller(outgoing);
    if (!added.ok) throw this.#unavailable(added.error);
    // Last: nothing that an agent sent can replace it, and nothing that follows reads it.
    const injected = await this.#authentication.inject(outgoing);
    if (!injected.ok) throw this.#unavailable(injected.error);
    return injected.value;
  }

  #unavailable(fault: CredentialFault): UpstreamError {
    report('upstream.unavailable', { code: fault, upstream: this.name });
    return new UpstreamError('upstream_unavailable');
  }

  /** Until the isolate ends: the credential is no longer a secret of the gateway. */
  #suspend(where: 'header' | 'body'): void {
    this.#isSuspended = true;
    report('upstream.leaked', { code: this.name, upstream: this.name, where });
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
