import { type CheckpointRecord, type LogName, ROOT_LOG } from '../../../src/audit/index.ts';
import { fromHex } from '../../../src/encoding.ts';
import { report } from '../../../src/report.ts';
import { formatCheckpoint } from '../../../src/tlog/index.ts';
import { type IssuerEnv, transparencyLog } from '../platform/env.ts';
import type { SignedTree } from './binding.ts';
import { generationOf, originIn } from './origin.ts';

/**
 * Records in the root log what a log has signed. Its own checkpoint covers all logs, so a reader
 * who keeps it notices a second history of any of them. Never rejects: the next checkpoint covers
 * this one.
 */
export async function recordInRoot(
  env: IssuerEnv,
  log: LogName,
  { size, root, at }: SignedTree,
): Promise<void> {
  if (log === ROOT_LOG) return;
  const origin = originIn(env, log);
  const generation = generationOf(env);
  const record: CheckpointRecord = {
    event: 'checkpoint',
    id: `checkpoint.${log}.${size}${generation === undefined ? '' : `.${generation}`}`,
    at,
    log,
    text: formatCheckpoint({ origin, size, root: fromHex(root) ?? new Uint8Array() }),
  };
  try {
    await transparencyLog(env, ROOT_LOG).append([record]);
  } catch (error) {
    const why = error instanceof Error ? error.message : typeof error;
    report('audit.unwritten', { code: record.event, log, why });
  }
}
