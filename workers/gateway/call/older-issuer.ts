import type { Outcome, VerifierRecord } from '../../../src/audit/index.ts';
import { type Clock, isWithin, readClock } from '../../../src/clock.ts';

/**
 * A record as an issuer of 0.1.0 takes it. Such an issuer is there while a deployment is rolled
 * back: it knows no `dispatch` and no outcome that is unknown, and refuses what it does not know,
 * so no irreversible call could be made.
 *
 * What is announced is then an allowed decision, as that release wrote it. It is marked `charged`,
 * so that the issuer does not count the call twice: the decision itself follows.
 */
export function asOf010(record: VerifierRecord): VerifierRecord {
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

/** What an issuer answers to a batch; one of 0.1.0 does not say what it refused. */
export interface Appended {
  readonly written: number;
  readonly refused?: readonly string[];
}

export type Append = (batch: VerifierRecord[], how?: 'log_only') => Promise<Appended>;

const ASKED_AGAIN_MILLISECONDS = 60_000; // An issuer of 0.1.0 is there for a rollback.

/**
 * Sends batches in the form of this release, and in that of 0.1.0 once the issuer has turned out to
 * be of that release. What it has taken of a batch is there once.
 */
export function appendTo(append: Append, now: Clock = readClock) {
  let olderAt = Number.NEGATIVE_INFINITY;
  return async (batch: readonly VerifierRecord[], how?: 'log_only'): Promise<readonly string[]> => {
    const isOlder = isWithin(olderAt, now(), ASKED_AGAIN_MILLISECONDS);
    const { written, refused } = await append(isOlder ? batch.map(asOf010) : [...batch], how);
    if (refused) {
      olderAt = Number.NEGATIVE_INFINITY;
      return refused;
    }
    if (!isOlder) olderAt = now();
    if (!isOlder && written < batch.length) await append(batch.map(asOf010), how);
    return [];
  };
}
