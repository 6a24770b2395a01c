import type { FixedRecord } from '../../../../src/audit/entry/index.ts';
import type { IndexKeys } from '../../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../../src/clock.ts';
import type { Batch, SignedTree, WitnessState } from '../binding.ts';
import type { Months } from './paths.ts';

/** What a log knows of its archive. One row, written with each round. */
export interface SealState {
  /** How many records are entries of the archive. Their rows are gone. */
  readonly committed: number;
  /** The root of these entries, lower-case hex; absent while there are none. */
  readonly root?: string;
  /** How many of them are in full bundles. */
  readonly floor: number;
  readonly months: Months;
  readonly checkpoint?: SignedTree;
  readonly witnesses: readonly WitnessState[];
  /** The generation of origins in which the log continues; absent for the first. */
  readonly generation?: number;
}

export const NOTHING_SEALED: SealState = { committed: 0, floor: 0, months: [], witnesses: [] };

/** Records as entries, and the keys under which the index finds them. */
export interface Fixed {
  readonly records: readonly FixedRecord[];
  /** Absent if they are not to be found by the index: then a search reads their bundles. */
  readonly index?: IndexKeys;
}

/** The rows of a log, for its rounds. Each method is one transaction, and awaits nothing. */
export interface SealStore {
  state(): SealState;
  save(state: SealState): void;
  /** How many records there are, in the archive and as rows. */
  size(): number;
  /** Lets new records go to the other table, so that the one of a round can be dropped. */
  turn(): void;
  pending(from: number, limit: number): readonly Batch[];
  /** Forgets the rows of records that became entries, and saves the state. */
  commit(
    state: SealState,
    first: number,
    records: readonly AuditRecord[],
    index: IndexKeys | undefined,
  ): void;
  /**
   * Takes over entries of the archive that this log does not know, because it was restored. Rows
   * of records that are among them go, and the others follow after them, with new indexes.
   */
  adopt(state: SealState, known: ReadonlySet<string>, now: UnixMilliseconds): void;
}
