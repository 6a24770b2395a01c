import type { CallLimits, ServerRequest, StatedLimits } from '../../../src/upstream/index.ts';

/** On whose behalf a call is made: what its verified token says. */
export interface CallerFacts {
  readonly workflow: string;
  readonly agent?: string | undefined;
  readonly subject?: string | undefined;
  readonly owner?: string | undefined;
  readonly task?: string | undefined;
  /** Absent for a message that uses no tool. */
  readonly tool?: string | undefined;
  /**
   * What the request is authenticated with. With another credential than the gateway's, the server
   * is not told who calls either: the call was only observed, and no policy allowed it.
   */
  readonly credential: CallCredential;
}

/** The gateway's credential, none, or the headers that the caller itself brought. */
export type CallCredential =
  | 'gateway'
  | 'none'
  | { readonly headers: readonly (readonly [name: string, value: string])[] };

/** One request to a server, as a transport rewrote it. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query below the URL of the server, with a slash first. Absent: the URL itself. */
  readonly path?: string;
  /** From an allow-list of the transport. Headers of a connection or a caller are dropped. */
  readonly headers: Headers;
  /** A stream is bounded by the transport, which knows what its route accepts. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  readonly caller: CallerFacts | undefined;
  readonly signal: AbortSignal;
  /** Whether it only listens, for minutes: it takes no place of a call. */
  readonly isListening?: boolean;
  /** What the tool allows, if it states less than its server. */
  readonly tool?: { readonly name: string; readonly limits: StatedLimits };
}

/** A server behind the gateway. */
export interface Upstream {
  readonly name: string;
  readonly kind: 'mcp' | 'http';
  readonly url: URL;
  readonly mode: 'enforce' | 'observe';
  /** With whose credential a call is made that would be denied, if the agent has a valid token. */
  readonly observedCredential: 'caller' | 'gateway';
  /** Whether it is reached through a binding, which is itself an identity of the gateway. */
  readonly isBound: boolean;
  readonly limits: CallLimits;
  /** What the server may ask of clients. */
  readonly serverRequests: readonly ServerRequest[];
  /**
   * Sends a request, and follows no redirect. Throws an `UpstreamError` if the request never left.
   * Any other exception is one of `fetch`: the request may have been carried out. The body of the
   * answer ends with an error as soon as a secret of the gateway is in it: see `answerFaultOf`.
   */
  send(request: UpstreamRequest): Promise<Response>;
}
