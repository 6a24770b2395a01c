import type { RecordClass } from '../../../src/audit/index.ts';

/**
 * Above this size, the log refuses what verifiers send over HTTP. A credential that leaked must not
 * keep the gateways from recording.
 */
export const REMOTE_BYTES_MAX = 6_000_000_000;

/**
 * One object holds 10 GB. Above the first size, the log refuses what agents and strangers cause;
 * above the second, also what grants power. The rest is reserved for records of stops.
 */
export const TRAFFIC_BYTES_MAX = 8_000_000_000;
export const GRANTS_BYTES_MAX = 9_000_000_000;

/**
 * At this size a control log is closed, and the next one continues it: what takes power away must
 * always be recorded somewhere. Most of it is then free for the records that wait for the archive.
 */
export const CONTROL_BYTES_MAX = 0.8 * TRAFFIC_BYTES_MAX;

const BYTES_MAX: Readonly<Record<RecordClass, number>> = {
  traffic: TRAFFIC_BYTES_MAX,
  grant: GRANTS_BYTES_MAX,
  // Until SQLite itself is full: then the record stays owed to the log.
  stop: Number.POSITIVE_INFINITY,
};

/** Returns whether the log accepts one more record of this class at this database size. */
export const hasRoom = (recordClass: RecordClass, bytes: number): boolean =>
  bytes < BYTES_MAX[recordClass];
