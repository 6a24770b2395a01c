import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** The first record of a log that continues another. It commits to the end of that one. */
export interface LogOpenedRecord extends RecordBase {
  readonly event: 'log_opened';
  readonly log: string;
  readonly after: {
    readonly log: string;
    /** How many records it has. */
    readonly size: number;
    /** Lower-case hex: the root of its tree; of the log `old`, the hash of its last record. */
    readonly end: string;
  };
}

export const logOpenedKind: RecordKind<LogOpenedRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'as the first record of a log that continues another',
  contents:
    'The log, and the log before it in `after`: its name, how many records it has, and their root; of the log `old`, the hash of the last.',
};
