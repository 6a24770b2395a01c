import type { WorkflowChange } from '../../../src/signals/index.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, signalStreams, statusList } from '../platform/env.ts';

/**
 * Tells status lists and streams of a change. It may be called again with the same change, and
 * changes may come in any order. Rejects where one of the two could not be told: call it again.
 * Nothing that stops a workflow waits for it; see `SignalOutbox`.
 */
export async function publishChange(env: IssuerEnv, change: WorkflowChange): Promise<void> {
  if (!readConfig(env).signals) return;
  await Promise.all([statusList(env).learn(change), signalStreams(env).learn(change)]);
}
