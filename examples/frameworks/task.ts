/** What the agents of this folder do, and for whom. They differ in nothing but their framework. */
import type { IdentitySource } from 'hewn/agent';

export const TASK = 'quarterly churn report';

/** What the task needs. The policy decides about each grant: policy/reports.datalog. */
export const GRANTS = [
  { tool: 'mcp/files/read_text_file', action: 'read', dataset: 'files/reports' },
  { tool: 'mcp/files/write_file', action: 'write', dataset: 'files/summaries/churn.md' },
] as const;

export const PROMPT =
  'Read reports/customer-feedback.md, and write a summary of why customers left to summaries/churn.md.';

export interface AgentOptions {
  /** The issuer's URL. */
  readonly issuer: string;
  /** The gateway's URL: the audience of the capability. */
  readonly gateway: string;
  /** The agent's own workload. */
  readonly identity: IdentitySource;
  /** The person that it acts for. */
  readonly user: IdentitySource;
}
