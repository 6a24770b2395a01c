import { noRefusal, type RecordBase, type RecordKind } from './base.ts';

/** A signed tree of another log, as the root log records it. */
export interface CheckpointRecord extends RecordBase {
  readonly event: 'checkpoint';
  readonly log: string;
  /** The text that was signed: origin, size and root, a line each. */
  readonly text: string;
}

export const checkpointKind: RecordKind<CheckpointRecord> = {
  from: 'issuer',
  classOf: () => 'stop',
  refusedParty: noRefusal,
  written: 'after a log has signed a checkpoint, in the log `root`',
  contents: 'The log, and the `text` that it signed: its origin, size and root.',
};
