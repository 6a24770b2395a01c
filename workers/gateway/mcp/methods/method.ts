import type { JsonObject } from '../../../../src/canonical-json.ts';
import type { DescribedCall } from '../../../../src/catalogue/index.ts';
import type { Result } from '../../../../src/result.ts';
import type { GatewayDenial } from '../../call/denial.ts';
import type { Admitted, NotForwarded } from '../../call/transport.ts';
import type { Judging } from '../../catalogues.ts';
import type { Gateway } from '../../gateway.ts';
import type { McpMessage } from '../message.ts';
import type { Route } from '../route.ts';
import type { SessionOwner } from '../session.ts';
import type { CallOfTask } from '../tasks.ts';

/** The revisions of MCP that the gateway knows, oldest first. */
export type Revision = '2025-03-26' | '2025-06-18' | '2025-11-25' | '2026-07-28';

/** One readable message, with everything that decides where it goes. */
export interface Incoming {
  readonly gateway: Gateway;
  readonly server: string;
  readonly headers: Headers;
  readonly message: McpMessage;
  readonly judging: Judging;
}

/**
 * What the answer to a message may be rewritten by. A call's token was verified for that call, so
 * it can use nothing else.
 */
export interface AnswerContext extends Admitted {
  readonly incoming: Incoming;
  readonly owner: SessionOwner;
}

/** A message that is ready to be forwarded. */
export interface Prepared {
  readonly params: JsonObject | undefined;
  readonly rewrite?: (answer: JsonObject) => JsonObject | Promise<JsonObject>;
  /** The call whose answer this is, if it is that of another message. */
  readonly call?: CallOfTask;
  /** Whether the answer may still be read, asked while it streams; always, if absent. */
  readonly mayRead?: () => boolean;
}

/**
 * What the gateway does with one method. `METHODS` lists every method that is forwarded: a method
 * without a row is denied.
 */
export interface Method {
  /** The first and the last revision that have the method; no last one for the newest. */
  readonly revisions: readonly [first: Revision, last?: Revision];
  readonly form: 'request' | 'notification';
  /** How the method is carried, for the documentation. */
  readonly about: string;
  /**
   * Says which call the message is, in the terms of the catalogue. Without it, or if it returns
   * undefined, the message uses no tool, and only the token is verified.
   */
  readonly describe?: (incoming: Incoming) => Result<DescribedCall, NotForwarded> | undefined;
  /** Whether the message cannot be judged without a catalogue, although it is no call. */
  readonly needsCatalogue?: true;
  /**
   * Returns the parameters that reach the server. Nothing verifies what is not part of a call, so a
   * hijacked agent could smuggle data in it: list members, each with its form (`listedParams`).
   */
  readonly params: (incoming: Incoming, owner: SessionOwner) => JsonObject | undefined;
  /** Returns the headers that repeat arguments, made from those that were judged. */
  readonly repeated?: (incoming: Incoming) => readonly (readonly [name: string, value: string])[];
  /**
   * Opens what the message names by a sealed id, or denies it. What it returns replaces `params`
   * and `rewrite`.
   */
  readonly prepare?: (context: AnswerContext) => Promise<Result<Prepared, GatewayDenial>>;
  /** Whether the answer is a stream that stays open until its client or the server ends it. */
  readonly isHeld?: true;
  /** Returns why a call that the token allows is not made, if it depends on the server. */
  readonly admits?: (incoming: Incoming, route: Route) => Promise<GatewayDenial | undefined>;
  /** Whether there is nothing to forward. The agent's notification is accepted and dropped. */
  readonly isMoot?: (incoming: Incoming, owner: SessionOwner) => boolean;
  /** Whether a server may answer that it needs input, and wants the call again with it. */
  readonly hasRounds?: true;
  /** Changes the answer on its way to the agent. */
  readonly rewrite?: (
    answer: JsonObject,
    context: AnswerContext,
  ) => JsonObject | Promise<JsonObject>;
}
