import { DECISION_LOGS, type LogName, OLD_LOG, ROOT_LOG } from '../../../src/audit/index.ts';
import { isWithin, readClock, type UnixMilliseconds } from '../../../src/clock.ts';
import { report } from '../../../src/report.ts';
import { auditLog, type IssuerEnv } from '../platform/env.ts';
import { notify } from '../watchdog/notify.ts';
import type { LogState } from './binding.ts';
import { controlLogs } from './control-logs.ts';
import { readState } from './read.ts';
import { roundMilliseconds } from './rounds.ts';

/** `/readyz` names the log long before it refuses records. */
export const WARNED_FILL = 0.8;
/** A round that fails is tried again every minute. */
const LATE_MILLISECONDS = 180_000;

/**
 * What is wrong with a log. `stopped`: its history and that of the archive differ. `unsigned`: it
 * has no checkpoint. `late`: its oldest record should long be in the archive. `filling`: it is
 * nearly full. `witness_silent`: a witness has not cosigned the newest checkpoint.
 */
export type LogFault = 'stopped' | 'unsigned' | 'late' | 'filling' | 'witness_silent';

/** Returns what is wrong with a log, the worst first. */
export function faultsOf(state: LogState, now: UnixMilliseconds): readonly LogFault[] {
  const { log, committed, checkpoint, pendingSince, fill, moved, stopped } = state;
  const most = roundMilliseconds(log) + LATE_MILLISECONDS;
  const isLate = pendingSince !== undefined && !isWithin(pendingSince, now, most);
  const isBehind = (checkpoint?.size ?? 0) < committed;
  const found: readonly (readonly [LogFault, boolean])[] = [
    ['stopped', stopped !== undefined],
    ['unsigned', isBehind && !isWithin(checkpoint?.at ?? 0, now, most)],
    ['late', isLate],
    ['filling', fill >= WARNED_FILL && moved === undefined],
    ['witness_silent', silentWitnesses(state).length > 0],
  ];
  return found.flatMap(([fault, isFound]) => (isFound ? [fault] : []));
}

/**
 * Returns the state of every log of this issuer. Where there is no bucket, the fill of a log is
 * that of its own object or of the one that has its archive, whichever is fuller. Rejects if one
 * does not answer.
 */
export async function readAllStates(env: IssuerEnv): Promise<readonly LogState[]> {
  const { size, isEmpty } = await auditLog(env).carried();
  const logs: LogName[] = [...(await controlLogs(env)), ...DECISION_LOGS, ROOT_LOG];
  if (size > 0 && isEmpty) logs.push(OLD_LOG);
  return await Promise.all(
    logs.map(async (log) => {
      const [state, archive] = await Promise.all([readState(env, log), archiveFill(env, log)]);
      return { ...state, fill: Math.max(state.fill, archive) };
    }),
  );
}

/** Reports that a log is nearly full: in the log lines, and to people. Never rejects. */
export function reportFilling(
  env: IssuerEnv,
  { log, fill, bytes }: { readonly log: LogName; readonly fill: number; readonly bytes: number },
): Promise<void> {
  report('audit.full', { code: 'filling', log, bytes });
  const data = { log, percent: Math.floor(100 * fill) };
  return notify(env, { type: 'audit.near_full', data });
}

/** What one object can hold. */
const OBJECT_BYTES_MAX = 10_000_000_000;

/** Returns how full the archive of a log is, from 0 to 1. A bucket is never full. */
async function archiveFill(env: IssuerEnv, log: LogName): Promise<number> {
  if (env.ARCHIVE) return 0;
  return Math.min(1, (await env.TILE_STORE.getByName(log).bytes()) / OBJECT_BYTES_MAX);
}

/** Returns the logs that something is wrong with. Rejects if one does not answer. */
export async function faultyLogs(env: IssuerEnv) {
  const now = readClock();
  const states = await readAllStates(env);
  return states
    .map((state) => ({ log: state.log, faults: faultsOf(state, now) }))
    .filter(({ faults }) => faults.length > 0);
}

/** Returns the names of the witnesses that have not cosigned the newest checkpoint of a log. */
export const silentWitnesses = ({ checkpoint, witnesses }: LogState): readonly string[] =>
  witnesses.filter(({ size }) => size < (checkpoint?.size ?? 0)).map(({ name }) => name);
