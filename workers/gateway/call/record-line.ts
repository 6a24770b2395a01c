import type { DecisionRecord } from '../../../src/audit/index.ts';

/** Returns the log line of one decision. It identifies the token by its newest block only. */
export function recordLine(record: DecisionRecord, milliseconds: number) {
  const { id, allowed, observed, code, tool, tier, workflow, agent, verifier, blocks, outcome } =
    record;
  return {
    event: 'decision',
    id,
    allowed,
    observed,
    code,
    tool,
    tier,
    workflow,
    agent,
    verifier,
    milliseconds: Math.max(0, milliseconds),
    result: outcome?.result,
    block: blocks.at(-1)?.slice(0, 16),
  };
}
