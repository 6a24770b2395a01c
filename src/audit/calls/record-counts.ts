import { readClock } from '../../clock.ts';
import type { RecordCounts } from '../../feed/index.ts';
import { LOG_ORIGIN } from '../chain.ts';
import type { RecordOutbox } from '../outbox.ts';

/** Returns how many records were numbered, for the reports of a verifier's position. */
export const recordCountsOf = (outbox: RecordOutbox): RecordCounts => ({
  counts: outbox.highest === 0 ? [] : [{ origin: LOG_ORIGIN, n: outbox.highest }],
  isBehind: outbox.isBehind(readClock()),
});
