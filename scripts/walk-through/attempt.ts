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
  /** A description for people. */
  readonly what: string;
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Sent unchanged. Without it, the agent narrows its own token. */
  readonly token?: string;
  /** The code that the gateway must answer with. A denial for any other reason fails the step. */
  readonly code: DenialCode;
}

/** Makes a call that the gateway must deny, with that code, before the server behind it sees it. */
export type Try = (attempt: Attempt) => Promise<void>;
