import type { DecisionRecord } from '../../src/audit/index.ts';

/** The n-th record of a soak, counted from 1: the same each time, so that it can be compared. */
export const soakRecord = (n: number): DecisionRecord => ({
  event: 'decision',
  id: `soak.${n}`,
  verifier: 'soak',
  n,
  at: 1_790_000_000_000 + n,
  workflow: `wf_${n % 5_000}`,
  agent: `https://idp.example#agent-${n % 50}`,
  blocks: [],
  tool: 'mcp/files/read_text_file',
  action: 'read',
  datasets: [`files/reports/${n % 700}.md`],
  tier: 1,
  allowed: true,
  stale: false,
});
