import { readSeconds } from '../../../src/clock.ts';
import { schemaVersionOf } from '../platform/sqlite.ts';
import type { LogStatus, TreeState } from './binding.ts';
import type { Reach } from './confirmations.ts';
import type { LogEntries } from './entries.ts';
import { readPublishedKeys } from './published-keys.ts';
import { logSchema } from './schema.ts';

/** Returns the state of a log, with which verifiers have its newest position. */
export function statusOf(
  storage: DurableObjectStorage,
  entries: LogEntries,
  reachOf: (position: { epoch: number; seq: number }) => Reach,
  tree: TreeState | undefined,
): LogStatus {
  const { epoch, seq, issuedAt, live } = entries.state;
  return {
    epoch,
    seq,
    issuedAt,
    live,
    watermarks: entries.listed(readSeconds()).length,
    keys: readPublishedKeys(storage.sql),
    reach: reachOf({ epoch, seq }),
    schema: schemaVersionOf(storage, logSchema),
    ...(tree && { tree }),
  };
}
