import type { LogName } from '../../../src/audit/index.ts';
import type { IssuerEnv } from '../platform/env.ts';
import type { LogState } from './binding.ts';
import { originIn } from './origin.ts';
import type { PendingRecords } from './pending.ts';
import type { SealState } from './seal/state.ts';

interface StateParts extends Pick<LogState, 'fill' | 'schema'> {
  readonly env: IssuerEnv;
  readonly log: LogName;
  readonly pending: PendingRecords;
  readonly sealed: SealState;
  readonly stopped: string | undefined;
  readonly moved: LogName | undefined;
}

/** Returns how far a log is. */
export function stateOf({
  env,
  log,
  pending,
  sealed,
  stopped,
  moved,
  ...rest
}: StateParts): LogState {
  const { since } = pending;
  return {
    ...rest,
    log,
    origin: originIn(env, log),
    size: pending.size,
    committed: sealed.committed,
    floor: sealed.floor,
    ...(sealed.checkpoint && { checkpoint: sealed.checkpoint }),
    months: sealed.months,
    pendingBytes: pending.bytes,
    ...(since !== undefined && { pendingSince: since }),
    ...(stopped !== undefined && { stopped }),
    ...(moved !== undefined && { moved }),
    witnesses: sealed.witnesses,
  };
}
