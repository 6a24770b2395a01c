import type { IndexKeys } from '../../../src/audit/find/index.ts';
import type { AuditRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import type { DayIndex } from '../search/day-index.ts';
import type { Batch } from './binding.ts';
import { SEAL_STATE } from './columns.ts';
import type { Continuation } from './continuation.ts';
import type { KnownIds } from './known-ids.ts';
import type { PendingRecords } from './pending.ts';
import { NOTHING_SEALED, type SealState, type SealStore } from './seal/state.ts';
import type { VerifierNumbers } from './verifier-numbers.ts';

/** Returns what a log knows of its archive. */
export function readSealState(sql: SqlStorage): SealState {
  const [row] = sql.exec('SELECT body FROM seal').toArray();
  return row ? SEAL_STATE.read(row.body) : NOTHING_SEALED;
}

/** The rows of a log, for its rounds. */
export class SealRows implements SealStore {
  readonly #storage: DurableObjectStorage;
  readonly #rows: PendingRecords;
  readonly #ids: KnownIds;
  readonly #numbers: VerifierNumbers;
  readonly #index: DayIndex;
  readonly #continuation: Continuation;
  #state: SealState;

  constructor(
    storage: DurableObjectStorage,
    rows: PendingRecords,
    ids: KnownIds,
    numbers: VerifierNumbers,
    index: DayIndex,
    continuation: Continuation,
  ) {
    this.#storage = storage;
    this.#rows = rows;
    this.#ids = ids;
    this.#numbers = numbers;
    this.#index = index;
    this.#continuation = continuation;
    this.#state = readSealState(storage.sql);
  }

  state(): SealState {
    return this.#state;
  }

  save(state: SealState): void {
    this.#storage.transactionSync(() => this.#write(state));
    this.#state = state;
  }

  /** Writes the generation in which the log continues. Call it in a transaction. */
  writeGeneration(generation: number): void {
    this.#write({ ...this.#state, generation });
  }

  /** The transaction that wrote it is durable. */
  noteGeneration(generation: number): void {
    this.#state = { ...this.#state, generation };
  }

  size(): number {
    return this.#rows.size;
  }

  turn(): void {
    this.#rows.turn();
  }

  pending(from: number, limit: number): readonly Batch[] {
    return this.#rows.read(from, limit);
  }

  commit(
    state: SealState,
    first: number,
    records: readonly AuditRecord[],
    index: IndexKeys | undefined,
  ): void {
    this.#storage.transactionSync(() => {
      if (index) this.#index.note(first, records, index);
      else this.#index.forget(first);
      this.#numbers.keep();
      this.#ids.keep(
        first,
        records.map(({ id }) => id),
      );
      this.#rows.forget(state.committed);
      this.#write(state);
    });
    this.#state = state;
  }

  adopt(state: SealState, known: ReadonlySet<string>, now: UnixMilliseconds): void {
    const left = this.#rows
      .read(this.#state.committed, Number.POSITIVE_INFINITY)
      .flatMap(({ records }) => records)
      .filter(({ id }) => !known.has(id));
    this.#storage.transactionSync(() => {
      this.#index.forget(this.#state.committed);
      this.#numbers.keep();
      this.#ids.withdraw(this.#state.committed);
      this.#rows.restart(state.committed);
      const first = this.#rows.append(left, now);
      this.#ids.note(
        first,
        left.map(({ id }) => id),
      );
      this.#continuation.noteRestored(known, state, now);
      this.#write(state);
    });
    this.#state = state;
  }

  #write(state: SealState): void {
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO seal (one, body) VALUES (1, ?)',
      SEAL_STATE.write(state),
    );
  }
}
