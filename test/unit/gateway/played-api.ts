import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readUpstreams, type UpstreamTable } from '../../../src/upstream/index.ts';
import {
  CallerSigner,
  createUpstreams,
  type Upstream,
  type UpstreamRequest,
  upstreamErrorOf,
} from '../../../workers/gateway/upstream/index.ts';

export const GATEWAY = 'https://gateway.example';
export const SIGNER = new CallerSigner(GATEWAY, [`ed25519-private/${'07'.repeat(32)}`]);

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
export type Play = (seen: Seen, response: ServerResponse) => void;

/** An API behind the gateway that answers as a test says. */
export interface PlayedApi {
  readonly base: string;
  readonly seen: Seen[];
  /** Decides what the API answers from now on. */
  play(play: Play): void;
  /** Forgets what arrived, and answers with `{}`. */
  reset(): void;
  /** Returns it as an upstream of the gateway, with this configuration and environment. */
  upstream(
    change?: Partial<UpstreamTable>,
    around?: { readonly name?: string; readonly env?: object; readonly signer?: CallerSigner },
  ): { readonly upstream: Upstream; readonly unavailable: () => readonly object[] };
  close(): void;
}

export async function startPlayedApi(): Promise<PlayedApi> {
  const ok: Play = (_, response) => response.end('{}');
  let current = ok;
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      current(one, response);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    base,
    seen,
    play: (play) => {
      current = play;
    },
    reset: () => {
      seen.length = 0;
      current = ok;
    },
    upstream: (change = {}, { name = 'a', env = {}, signer = SIGNER } = {}) => {
      const json = { [name]: { url: `${base}/api`, addresses: ['127.0.0.1'], ...change } };
      const configs = readUpstreams(json);
      if (!configs) throw new Error('the configuration is malformed');
      const upstreams = createUpstreams(configs, env, signer);
      const upstream = upstreams.get(name);
      if (!upstream) throw new Error('no upstream');
      return { upstream, unavailable: () => upstreams.unavailable() };
    },
    close: () => server.close(),
  };
}

export const requestOf = (change: Partial<UpstreamRequest> = {}): UpstreamRequest => ({
  method: 'POST',
  headers: new Headers({ 'content-type': 'application/json' }),
  body: '{"a":1}',
  caller: undefined,
  signal: AbortSignal.timeout(5_000),
  ...change,
});

/** The facts about a caller that the gateway may state. */
export const CALLER = {
  workflow: 'w1',
  agent: 'agent:reports',
  subject: 'user:alice',
  owner: 'user:bob',
  task: 'Café report',
  tool: 'mcp/a/read',
  credential: 'gateway',
} as const;

/** Returns why nothing was sent, or undefined if it was. */
export const codeOf = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    (error: unknown) => upstreamErrorOf(error)?.code ?? 'other',
  );
