import { canonicalJson, type Json } from '../canonical-json.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../encoding.ts';
import type { AuditRecord } from './record.ts';

/**
 * A record as the log holds it: linked to the one before, so that none can be altered or taken out.
 */
export interface LinkedRecord {
  /** 1 for the first; without gaps over the whole log, with gaps in a trail of one workflow. */
  readonly seq: number;
  /** Hash of the record before, lower-case hex; 64 zeros before the first. */
  readonly previous: string;
  /** SHA-256 of `previous` and the RFC 8785 form of `[seq, record]`. */
  readonly hash: string;
  readonly record: AuditRecord;
}

export const TRAIL_START = '0'.repeat(64);

/**
 * The bytes whose SHA-256 is the hash of `record` at `seq`; hashing is the caller's, with or
 * without `await`. The number is in it, so that a record cannot be moved to hide a gap.
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

export type TrailFault = {
  readonly seq: number;
  readonly fault: 'hash_mismatch' | 'link_broken' | 'out_of_order' | 'gap';
};

/** Recomputes consecutive records of the whole log: besides what a trail shows, none is missing. */
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

/** Recomputes a trail. Neighbours by `seq` must link; a trail of one workflow may skip others'. */
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
