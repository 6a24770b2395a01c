import { canonicalJson, type Json } from '../canonical-json.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../encoding.ts';
import type { AuditRecord } from './kinds/index.ts';

/** The name of the log that verifiers number their records for. An issuer has one log. */
export const LOG_ORIGIN = 'default';

/**
 * A record as the log holds it, linked to the record before it, so that none can be altered or
 * removed unnoticed.
 */
export interface LinkedRecord {
  /** 1 for the first record. Without gaps over the whole log; one workflow's trail has gaps. */
  readonly seq: number;
  /** The hash of the record before, lower-case hex; 64 zeros before the first. */
  readonly previous: string;
  /** SHA-256 of `previous` and the RFC 8785 form of `[seq, record]`, lower-case hex. */
  readonly hash: string;
  readonly record: AuditRecord;
}

/** The `previous` of a log's first record. */
export const TRAIL_START = '0'.repeat(64);

/**
 * Returns the bytes whose SHA-256 is the hash of `record` at `seq`. The caller hashes them,
 * synchronously or not. They include the number, so that a record cannot be moved to hide a gap.
 */
export const linkInput = (
  previous: string,
  seq: number,
  record: AuditRecord,
): Uint8Array<ArrayBuffer> =>
  concatBytes(
    fromHex(previous) ?? new Uint8Array(32),
    // `JSON` drops members that are undefined, exactly as storing the record does.
    utf8(canonicalJson(JSON.parse(JSON.stringify([seq, record])) as Json)),
  );

/** The first fault of an exported log or trail, and the position at which it was found. */
export type TrailFault = {
  readonly seq: number;
  readonly fault: 'hash_mismatch' | 'link_broken' | 'out_of_order' | 'gap';
};

/**
 * Verifies consecutive records of the whole log, the first of which follows position `after`.
 * Finds everything that `findTrailFault` finds, and missing records. Returns undefined if there is
 * no fault.
 *
 * @example
 * ```ts
 * import { findLogFault, linkInput, TRAIL_START, type LinkedRecord } from 'hewn/audit';
 *
 * // One record of an export of `GET /admin/v1/audit`.
 * const record = {
 *   event: 'rule_armed',
 *   id: 'r.1',
 *   at: 1_767_225_600_000,
 *   rule: 'out-of-scope',
 *   actor: 'operator',
 *   reason: 'a false alarm',
 * } as const;
 * const digest = await crypto.subtle.digest('SHA-256', linkInput(TRAIL_START, 1, record));
 * const hash = Buffer.from(digest).toString('hex');
 * const log: LinkedRecord[] = [{ seq: 1, previous: TRAIL_START, hash, record }];
 *
 * console.assert((await findLogFault(log, 0)) === undefined);
 * const altered = log.map((linked) => ({ ...linked, record: { ...record, reason: 'none' } }));
 * console.assert((await findLogFault(altered, 0))?.fault === 'hash_mismatch');
 * ```
 */
export async function findLogFault(
  records: readonly LinkedRecord[],
  after: number,
): Promise<TrailFault | undefined> {
  for (const [index, { seq }] of records.entries()) {
    const expected = after + index + 1;
    if (seq !== expected) return { seq: expected, fault: 'gap' };
  }
  return findTrailFault(records);
}

/**
 * Verifies the trail of one workflow: every hash, and the link between neighbours by `seq`. Other
 * workflows' records leave gaps, so it cannot notice a missing record. Returns undefined if there
 * is no fault.
 *
 * @example
 * ```ts
 * import { findTrailFault, type LinkedRecord } from 'hewn/audit';
 *
 * // The trail of one workflow, page by page: `GET /admin/v1/audit?workflow=…`.
 * const trail: LinkedRecord[] = [];
 * const fault = await findTrailFault(trail);
 * if (fault) throw new Error(`record ${fault.seq}: ${fault.fault}`);
 * ```
 */
export async function findTrailFault(
  trail: readonly LinkedRecord[],
): Promise<TrailFault | undefined> {
  let before: LinkedRecord | undefined;
  for (const linked of trail) {
    const { seq } = linked;
    if (before && seq <= before.seq) return { seq, fault: 'out_of_order' };
    if (seq === 1 && linked.previous !== TRAIL_START) return { seq, fault: 'link_broken' };
    if (before?.seq === seq - 1 && before.hash !== linked.previous) {
      return { seq, fault: 'link_broken' };
    }
    const digest = await crypto.subtle.digest(
      'SHA-256',
      linkInput(linked.previous, seq, linked.record),
    );
    if (toHex(new Uint8Array(digest)) !== linked.hash) return { seq, fault: 'hash_mismatch' };
    before = linked;
  }
  return undefined;
}
