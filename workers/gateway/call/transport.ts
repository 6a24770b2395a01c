import type { KeepAlive } from '../../../src/audit/calls/index.ts';
import type { Outcome } from '../../../src/audit/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { Grant, VerifiedCapability } from '../../../src/capability/index.ts';
import type { DescribedCall } from '../../../src/catalogue/index.ts';
import type { Attached } from '../../../src/provenance/index.ts';
import type { Result } from '../../../src/result.ts';
import type {
  Admission,
  ApprovalOffer,
  NeededDetail,
  Scheme,
} from '../../../src/verifier/index.ts';
import type { CatalogueGap, Judging } from '../catalogues.ts';
import type { CallerFacts, Upstream } from '../upstream/index.ts';
import type { GatewayDenial } from './denial.ts';

/**
 * A protocol in which agents call tools through the gateway, such as MCP.
 *
 * A transport translates and decides nothing: `serveRequest` verifies, charges, records and
 * accounts in the same way for every transport. To add one, write its folder next to `mcp/` and
 * give it a route in `index.ts`.
 */
export interface Transport {
  /** Reads one request. Never throws for what an agent sent. */
  read(request: Request): Promise<Exchange>;
  /** Answers a request that is denied before it is read. */
  denyUnread(denial: GatewayDenial): Response;
}

/** One request of an agent, as its transport reads it. */
export interface Exchange {
  /** The protocol's name for the operation, as the record has it; absent if it is unreadable. */
  readonly method?: string;
  /** The server that the request is for; absent if no server has that name and protocol. */
  readonly upstream?: Upstream | undefined;
  /**
   * Says what the agent asks for, in the terms of a catalogue, or why this transport does not
   * forward it. Pure: the head may name another catalogue while a call is judged.
   */
  operation(judging: Judging): Result<Operation, NotForwarded>;
  /** What the agent brings to attest the values of its call. Unverified. */
  readonly attached?: Attached | undefined;
  /** Answers the request with a denial, in the form of the protocol. */
  deny(denial: GatewayDenial, context: DenialContext): Response;
}

/** What the answer to a denial depends on besides the denial. */
export interface DenialContext {
  /** The scheme in which the agent sent its token. */
  readonly scheme?: Scheme | undefined;
  /** What the agent can ask the issuer for, if a wider capability is all that the call lacks. */
  readonly needed?: readonly NeededDetail[] | undefined;
  /** Where the approval of exactly this call can be requested, if that is all that it lacks. */
  readonly approval?: ApprovalOffer | undefined;
  /** The call, as far as it is known; absent for what calls no tool. */
  readonly call?: DeniedCall | undefined;
  /** Where two catalogues differ about the call, if the denial may follow from that. */
  readonly gap?: CatalogueGap | undefined;
}

/** A denied call of a tool, for a model that continues without it. */
export interface DeniedCall {
  readonly tool: string;
  readonly action?: string | undefined;
  readonly datasets?: readonly string[] | undefined;
  /** Everything that the token grants; empty if it counts for nothing. */
  readonly grants: readonly Grant[];
  /** What the token says; absent if it counts for nothing. */
  readonly capability?: VerifiedCapability | undefined;
}

export type Operation =
  /** The call of a tool: verified in full, charged and recorded. */
  | {
      readonly kind: 'call';
      readonly call: DescribedCall;
      readonly route: (caller: CallerFacts) => Promise<Result<Forward, NotForwarded>>;
    }
  /** A message that uses no tool, such as a list of tools: only the token is verified. */
  | {
      readonly kind: 'message';
      readonly route: (
        caller: CallerFacts,
        admission: Admitted,
      ) => Promise<Result<Forward, NotForwarded>>;
    };

/** What an admitted token can be used for. */
export interface Admitted extends Pick<Admission, 'canUse' | 'capability'> {
  /**
   * Whether something in a list belongs to a route that only observes: everyone sees it as the
   * server lists it. Undefined if the catalogue lacks it.
   */
  readonly isObserved?: ((tool: string | undefined) => boolean) | undefined;
}

/** Why an operation goes nowhere. */
export interface NotForwarded {
  readonly denial: GatewayDenial;
  /** The tool that the agent named, for the record. */
  readonly tool?: string;
  /**
   * Where a call goes that the catalogue does not describe, if its route only observes. Absent for
   * what cannot be read, and for what has two readings.
   */
  readonly observed?: {
    readonly args: JsonObject;
    readonly route: (caller: CallerFacts) => Promise<Result<Forward, NotForwarded>>;
  };
}

/**
 * Sends the operation to its server. Called once, after everything that must happen before it.
 * Whatever becomes of it is an outcome; it throws only because of a bug.
 */
export type Forward = (hold: Hold) => Promise<Forwarded>;

/** What a transport needs while it holds an answer open. */
export interface Hold {
  /** Takes work that continues when the client is gone. */
  readonly keepAlive: KeepAlive;
  /**
   * Brings the feed forward, and returns whether the workflow may still receive something: ask now
   * and then while an answer streams.
   */
  mayContinue(): Promise<boolean>;
}

export interface Forwarded {
  readonly response: Response;
  /**
   * A promise if the response streams. It settles when the stream has ended, was cut, or lost its
   * client, and never rejects. It belongs to the request and must not be shared.
   */
  readonly outcome: Outcome | Promise<Outcome>;
}
