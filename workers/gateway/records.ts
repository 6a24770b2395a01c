import type { DecisionRecord, RecordOutbox } from '../../src/audit/index.ts';

const TRIES_AFTER_MILLISECONDS = [1_000, 4_000]; // The runtime ends this work after 30 s.

/**
 * Sends what waits, and again where that failed: after the last answer for hours there is no next
 * one that would try.
 */
export async function sendRecords(outbox: RecordOutbox): Promise<void> {
  for (const milliseconds of TRIES_AFTER_MILLISECONDS) {
    if (await outbox.flush()) return;
    await new Promise((passed) => setTimeout(passed, milliseconds));
  }
  await outbox.flush();
}

/** The line of one decision, for who watches. Of the token it has the newest block alone. */
export function recordLine(record: DecisionRecord, milliseconds: number) {
  const { id, allowed, code, tool, tier, workflow, agent, verifier, blocks, outcome } = record;
  return {
    event: 'decision',
    id,
    allowed,
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
