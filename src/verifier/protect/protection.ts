import type { JsonObject } from '../../canonical-json.ts';
import type { Result } from '../../result.ts';
import type { Credentials } from '../credentials.ts';
import type { CallRefusal, Decision, Denial } from '../decision.ts';
import type { Feed } from '../freshness.ts';
import type { RetrievalScope } from '../scope/index.ts';
import type { NeededDetail } from '../step-up.ts';
import type { Verifier } from '../verifier.ts';
import type { VerifyRequest } from '../verify-request.ts';
import type { CallOutcome } from './recorder.ts';
import type { Route, RouteInput, RouteMode } from './route.ts';

/** What the handler of a protected route gets. */
export interface ProtectedCall extends RouteInput {
  /** The request. If its body was judged, reading it again gives the same bytes. */
  readonly request: Request;
  /** The arguments that were judged. Read them here, so that nothing else is used. */
  readonly args: JsonObject;
  /** Always allowed. Its evidence names the workflow and the agent. */
  readonly decision: Decision;
  /**
   * Returns what the handler may read: everything else of the route's datasets is out of its
   * scope. Throws a TypeError unless the route is `scoped`.
   */
  scope(): RetrievalScope;
}

/** A request, as a router or an adapter has it. */
export interface RoutedRequest {
  readonly request: Request;
  /** The router's parameters, as its handler gets them. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** An allowed call that is about to be made. */
export interface OpenCall {
  readonly call: ProtectedCall;
  /** Headers to add to the response. */
  readonly headers: Readonly<Record<string, string>>;
  /** Records what became of the call. Call it once, also if the handler throws. */
  close(outcome: Pick<CallOutcome, 'status'> & { readonly threw?: boolean }): void;
}

/** Judges one request to a route: an allowed call, or the response of a denial. */
export type RouteJudge = (routed: RoutedRequest) => Promise<Result<OpenCall, Response>>;

/** A request that is no call of its server, and is denied and recorded as such. */
export interface UndescribedCall {
  /** Applies unless the token counts for nothing. */
  readonly denial: Denial;
  readonly tool?: string;
}

/** A call in another protocol than HTTP routes, described by its adapter. */
export interface DescribedRequest {
  /** From `readCredentials`. */
  readonly credentials: Credentials;
  readonly call: Omit<VerifyRequest, 'proof' | 'holder'> | UndescribedCall;
  /** The protocol's name for the operation, for the record. */
  readonly method: string;
  /** `enforce` by default. */
  readonly mode?: RouteMode;
  /** As that of a route: the decision then has a scope. Not with `observe`. */
  readonly scoped?: boolean;
}

/** The decision about a described call. */
export type Decided =
  | {
      readonly allowed: true;
      readonly decision: Decision;
      /** What a `scoped` request may read. */
      readonly scope?: RetrievalScope | undefined;
      /** As that of `OpenCall`. */
      readonly close: OpenCall['close'];
    }
  | {
      readonly allowed: false;
      readonly decision: Decision;
      readonly denial: Denial | CallRefusal;
      /** What the caller can ask the issuer for, if a wider capability is all that it lacks. */
      readonly needed?: readonly NeededDetail[];
    };

/** Runs for allowed requests only. `Rest`: what the runtime passes besides the request. */
export type ProtectedHandler<Rest extends readonly unknown[]> = (
  call: ProtectedCall,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * Protects the routes of one API. Made by `protect`, or by `createProtection` around a verifier of
 * your own. Every adapter is built on it.
 */
export interface Protection {
  readonly issuer: string;
  readonly audience: string;
  readonly verifier: Verifier;
  /** The feed of the verifier; absent if `createProtection` was given none. */
  readonly feed?: Feed;
  /**
   * Returns a Fetch handler that answers a denied request itself and passes an allowed one to
   * `handler`. It throws only what `handler` throws. A Worker's context among the other arguments
   * keeps the work after the response alive.
   */
  fetch<Rest extends readonly unknown[]>(
    route: Route,
    handler: ProtectedHandler<Rest>,
  ): (request: Request, ...rest: Rest) => Promise<Response>;
  /** Returns the judge of a route, for adapters whose handlers are no Fetch handlers. */
  judge(route: Route): RouteJudge;
  /** Decides a call that an adapter has described. Never throws for what a caller sent. */
  decide(described: DescribedRequest): Promise<Decided>;
  /** Returns the metadata of this resource server (RFC 9728), as a JSON response. */
  metadata(): Response;
  /**
   * Brings the feed forward if it is due, and sends records. Call it after each response that
   * `fetch` did not give, and keep it alive with `waitUntil` in a Worker. Never rejects.
   */
  afterResponse(): Promise<void>;
}
