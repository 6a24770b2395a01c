import type { VerifierRecord } from './kinds/index.ts';

/** What a sink says about a batch that it took. */
export interface TakenBatch {
  /** The ids of records that it will never take. */
  readonly refused: readonly string[];
  /** How full the log is, from 0 to 1. At 1 it takes no more. */
  readonly fill?: number;
}

/**
 * Takes a batch and returns the ids of records that it will never take, if there are any. Throws if
 * the batch could not be written, so that the outbox keeps it and sends it again. `log_only` means
 * that a caller waits: the sink only writes the records, and gets them a second time later.
 */
export type RecordSink = (
  batch: readonly VerifierRecord[],
  how?: 'log_only',
  // biome-ignore lint/suspicious/noConfusingVoidType: a sink that refuses nothing returns nothing.
) => Promise<readonly string[] | TakenBatch | void>;
