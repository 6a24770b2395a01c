import type { DecisionRecord, RecordOutbox } from '../../../src/audit/index.ts';

const RETRY_AFTER_MILLISECONDS = [1_000, 4_000]; // The runtime ends this work after 30 s.

/**
 * Sends the records that wait, and retries twice. Without a retry they would wait for the next
 * request, which may come hours later.
 */
export async function sendRecords(outbox: RecordOutbox): Promise<void> {
  for (const milliseconds of RETRY_AFTER_MILLISECONDS) {
    if (await outbox.flush()) return;
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
  await outbox.flush();
}

/** Returns the log line of one decision. It identifies the token by its newest block only. */
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
