import type { JsonObject } from '../canonical-json.ts';
import type { RetrievalScope } from '../verifier/index.ts';
import type { McpMessage } from './message.ts';

/** What the servers of the MCP SDK hand to their tools as `authInfo`. */
export interface McpAuthInfo {
  /** Always empty: a tool must not pass the caller's capability on. */
  readonly token: string;
  /** The agent. */
  readonly clientId: string;
  /** Empty: what the caller may do is decided for each call. */
  scopes: string[];
  /**
   * `hewn`: the evidence of the decision, with workflow, agent, subject, owner and task, and the
   * `scope` of a scoped tool (`scopeOf`).
   */
  extra: Record<string, unknown>;
}

/** A message that was judged, as the server must receive it. */
export interface JudgedMessage {
  /** Absent for a GET or DELETE of a session. */
  readonly message?: McpMessage | undefined;
  readonly workflow: string;
  /**
   * Returns the definition of a tool as the caller can use it; undefined if it cannot. The tool is
   * found by the name that clients call.
   */
  readonly show: (definition: JsonObject) => JsonObject | undefined;
}

/** What was judged, by the `authInfo` that only the server's own code can have. */
export type JudgedMessages = WeakMap<object, JudgedMessage>;

/** The workflow that each session of this process belongs to. */
export type SessionOwners = Map<string, string>;

/**
 * Returns what a scoped tool may read, from the `authInfo` that it gets. Throws a TypeError for a
 * call of another tool.
 */
export function scopeOf(authInfo: { readonly extra?: unknown } | undefined): RetrievalScope {
  const { hewn } = (authInfo?.extra ?? {}) as {
    readonly hewn?: { readonly scope?: RetrievalScope };
  };
  if (hewn?.scope) return hewn.scope;
  throw new TypeError('scopeOf: the tool must have `scoped: true`');
}
