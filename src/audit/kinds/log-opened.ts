import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/**
 * The first record of a log that continues another, or itself under the origin of another
 * generation. It commits to what was before. A control log that was closed ends with the same
 * record.
 */
export interface LogOpenedRecord extends RecordBase {
  readonly event: 'log_opened';
  readonly log: string;
  readonly after: {
    readonly log: string;
    /** How many of its records the archive had. */
    readonly size: number;
    /** Lower-case hex: the root of these records; of the log `old`, the hash of its last record. */
    readonly end: string;
  };
}

export const logOpenedKind: RecordKind<LogOpenedRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written:
    'as the last record of a control log that is full, as the first of a log that continues another, and as the first of a log after `generation` was set',
  contents:
    'The log, and the log before it in `after` (itself, under a new `generation`): its name, how many of its records the archive had, and their root; of the log `old`, the hash of the last.',
};
