import type { AuditRecord } from '../../../src/audit/index.ts';

// Of 10 GB that one object holds: what strangers and agents cause is refused first, then what
// grants power; what takes power away has the last of it.
export const AUDIT_DECISIONS_BYTES_MAX = 8_000_000_000;
export const AUDIT_GRANTS_BYTES_MAX = 9_000_000_000;

/**
 * Who makes records of a kind. `traffic`: every call and every stranger, so it fills the log first.
 * `grant`: what gives power, which waits where it cannot be recorded. `stop`: what takes power away
 * or says why, which is in force already.
 */
export type RecordClass = 'traffic' | 'grant' | 'stop';

const CLASSES: Readonly<Record<AuditRecord['event'], RecordClass>> = {
  decision: 'traffic',
  dispatch: 'traffic',
  outcome: 'traffic',
  gap: 'traffic',
  refusal: 'traffic',
  refusals: 'traffic',
  mint: 'grant',
  approval_asked: 'grant',
  approval_decided: 'grant',
  stream: 'grant',
  rule_armed: 'grant',
  transition: 'stop',
  revocation: 'stop',
  deviation: 'stop',
  watermark: 'stop',
  denial: 'stop',
};

const BYTES_MAX: Readonly<Record<RecordClass, number>> = {
  traffic: AUDIT_DECISIONS_BYTES_MAX,
  grant: AUDIT_GRANTS_BYTES_MAX,
  // Until SQLite itself has no more: then the record stays owed to the log.
  stop: Number.POSITIVE_INFINITY,
};

/** A kind that this code does not know counts as traffic. */
export function classOf(record: AuditRecord): RecordClass {
  // The one step of a life that gives power back, and an operator's lift of a denial.
  if (record.event === 'transition' && record.move === 'resume') return 'grant';
  if (record.event === 'denial' && record.change === 'lifted') return 'grant';
  return Object.hasOwn(CLASSES, record.event) ? CLASSES[record.event] : 'traffic';
}

/** Whether the log takes one more of this class at this size. */
export const hasRoom = (kind: RecordClass, bytes: number): boolean => bytes < BYTES_MAX[kind];
