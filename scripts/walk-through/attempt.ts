import type { Capability } from '../../src/agent/index.ts';
import type { DenialCode } from '../../src/denials/index.ts';
import type { ReportAgent } from './agent.ts';
import type { Reports } from './work.ts';

export interface Hijacked {
  readonly agent: ReportAgent;
  readonly capability: Capability;
  readonly reports: Reports;
}

export interface Attempt {
  /** In the words of a person. */
  readonly what: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Sent as it is; without one the agent narrows its own. */
  readonly token?: string;
  /**
   * The code that the gateway must answer with: denied for any other reason, the step fails.
   */
  readonly code: DenialCode;
}

/** Tries something that must be denied, for that reason, before the server behind hears of it. */
export type Try = (attempt: Attempt) => Promise<void>;
