import type { JsonObject } from '../canonical-json.ts';
import type { Action } from '../capability/index.ts';

/** One call that an agent asks for, as the issuer read it by its own catalogue. */
export interface AskedCall {
  readonly tool: string;
  readonly action: Action;
  readonly dataset: readonly string[];
  readonly args: JsonObject;
  /** Pointers of the arguments in this call that say where something goes. */
  readonly sinks: readonly string[];
}

/**
 * What a person is asked to approve when an agent asks for single calls: exactly these, once each.
 * Plain JSON. The approval counts for exactly this question, so everything that decides what is
 * signed must be in it.
 */
export interface CallQuestion {
  readonly agent: string;
  readonly subject: string;
  readonly owner: string;
  readonly audience: string;
  readonly task: string;
  readonly workflow: string;
  /** Thumbprint of the key that the capability is bound to. It is absent if it is not bound. */
  readonly holder?: string;
  /** The version of policy and catalogue: under another one, it is another question. */
  readonly version: string;
  readonly calls: readonly AskedCall[];
  /** How long each approval is valid once the agent has it. */
  readonly validSeconds: number;
}
