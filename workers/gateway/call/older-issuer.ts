import { asOf030 } from '../../../src/audit/calls/index.ts';
import type { Outcome, TakenBatch, VerifierRecord } from '../../../src/audit/index.ts';
import { type Clock, isWithin, readClock } from '../../../src/clock.ts';

/** Converts a record to the form of release 0.2.0, which knows no catalogue in it. */
function asOf020(newest: VerifierRecord): VerifierRecord {
  const record = asOf030(newest);
  if (record.event === 'outcome' || !record.catalogue) return record;
  const { catalogue: _, ...known } = record;
  return known;
}

/** What an issuer that reports its refusals may know, newest first. */
const EARLIER_FORMS = [asOf030, asOf020];

/**
 * Converts a record to the form of release 0.1.0. An issuer of that release runs while a deployment
 * is rolled back. It refuses records of kind `dispatch` and outcomes that are unknown, so no
 * irreversible call could be made.
 *
 * An announcement becomes an allowed decision, as that release wrote it. It is marked `charged`, so
 * that the issuer does not count the call twice: the decision itself follows.
 */
function asOf010(newest: VerifierRecord): VerifierRecord {
  const record = asOf020(newest);
  switch (record.event) {
    case 'dispatch':
      return { ...record, event: 'decision', allowed: true, stale: false, charged: true };
    case 'outcome':
      return { ...record, outcome: outcomeOf010(record.outcome) };
    case 'decision': {
      const { dispatch: _, outcome, ...known } = record;
      return { ...known, ...(outcome && { outcome: outcomeOf010(outcome) }) };
    }
  }
}

function outcomeOf010({ cause, ...outcome }: Outcome): Outcome {
  const { result } = outcome;
  if (result !== 'unknown' && result !== 'upstream_refused') return outcome;
  return { ...outcome, result: cause === 'too_large' ? 'too_large' : 'upstream_unreachable' };
}

/** An issuer's answer to a batch. Release 0.1.0 does not report what it refused. */
export interface Appended {
  readonly written: number;
  readonly refused?: readonly string[];
  /** How full the log is. Releases before 0.4.0 do not say it. */
  readonly fill?: number;
}

export type Append = (batch: VerifierRecord[], how?: 'log_only') => Promise<Appended>;

const ASKED_AGAIN_MILLISECONDS = 60_000; // The rollback may be over by then.

/**
 * Returns a sink that sends batches in the form of this release, and in the form of 0.1.0 while the
 * issuer is of that release. Records that it has accepted already are not stored twice.
 */
export function appendTo(append: Append, now: Clock = readClock) {
  let olderSeenAt = Number.NEGATIVE_INFINITY;
  /** While the issuer is of an earlier release, sends what it refused again in its forms. */
  const appendEarlier = async (
    batch: readonly VerifierRecord[],
    refused: readonly string[],
    how?: 'log_only',
  ) => {
    let left = refused;
    let form: readonly VerifierRecord[] = batch;
    for (const convert of EARLIER_FORMS) {
      const sent = form;
      form = sent.map(convert);
      const again = form.filter((one, index) => one !== sent[index] && left.includes(one.id));
      if (again.length === 0) continue;
      const second = (await append(again, how)).refused ?? [];
      const accepted = new Set(again.map(({ id }) => id).filter((id) => !second.includes(id)));
      left = left.filter((id) => !accepted.has(id));
    }
    return left;
  };
  return async (batch: readonly VerifierRecord[], how?: 'log_only'): Promise<TakenBatch> => {
    const isOlder = isWithin(olderSeenAt, now(), ASKED_AGAIN_MILLISECONDS);
    const sent = isOlder ? batch.map(asOf010) : [...batch];
    const { written, refused, fill } = await append(sent, how);
    if (refused) {
      olderSeenAt = Number.NEGATIVE_INFINITY;
      const left = await appendEarlier(batch, refused, how);
      return { refused: left, ...(fill !== undefined && { fill }) };
    }
    if (!isOlder) olderSeenAt = now();
    if (!isOlder && written < batch.length) await append(batch.map(asOf010), how);
    return { refused: [] };
  };
}
