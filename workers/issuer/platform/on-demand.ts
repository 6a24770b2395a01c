import { insertState, migrate, onDemandOf, type Schema } from './sqlite.ts';
import { Turn } from './turn.ts';

/** The tables of an object, of which some may not exist yet. */
export interface Tables {
  /** Returns whether a table exists. Ask before a statement that reads it. */
  has(table: string): boolean;
  /** Creates a table if it does not exist. Call it before a statement that writes to it. */
  ensure(table: string): void;
}

/**
 * The storage of an object whose schema is `onDemand`. Nothing is written before `writeState` or
 * `ensure`, so an object that was only asked something stores nothing.
 */
export class OnDemandStorage implements Tables {
  readonly sql: SqlStorage;
  readonly #storage: DurableObjectStorage;
  readonly #schema: Schema;
  /** Tables that are known to exist; all of them while `#turn` is open. */
  readonly #known = new Set<string>();
  readonly #turn = new Turn();
  #isInTransaction = false;

  constructor(storage: DurableObjectStorage, schema: Schema) {
    migrate(storage, schema);
    this.sql = storage.sql;
    this.#storage = storage;
    this.#schema = schema;
  }

  has(table: string): boolean {
    if (this.#known.has(table)) return true;
    if (this.#turn.isOpen) return false;
    const tables = this.sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
    for (const { name } of tables) this.#known.add(String(name));
    this.#turn.begin();
    return this.#known.has(table);
  }

  ensure(table: string): void {
    if (this.#known.has(table)) return;
    // A table without the row of its version would look like storage of release 0.1.0.
    if (!this.has(STATE_TABLE)) this.writeState(undefined);
    const statements = onDemandOf(this.#schema)?.tables[table];
    if (!statements) throw new Error(`${this.#schema.object} has no table ${table} on demand`);
    for (const statement of statements) this.sql.exec(statement);
    this.#known.add(table);
  }

  /** Returns undefined if no state was written. */
  readState(): string | undefined {
    if (!this.has(STATE_TABLE)) return undefined;
    const { state } = this.sql.exec('SELECT state FROM schema_version').one();
    return state === null ? undefined : String(state);
  }

  /** Writes one row, or three with the first call. */
  writeState(state: string | undefined): void {
    if (this.has(STATE_TABLE)) {
      this.sql.exec('UPDATE schema_version SET state = ?', state ?? null);
      return;
    }
    insertState(this.sql, this.#schema, state);
    this.#known.add(STATE_TABLE);
  }

  /** Runs `body` in a transaction, or in the one that is open. */
  transact<T>(body: () => T): T {
    if (this.#isInTransaction) return body();
    this.#isInTransaction = true;
    try {
      return this.#storage.transactionSync(body);
    } catch (error) {
      // Tables that it created are gone again.
      this.#known.clear();
      this.#turn.end();
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** Deletes everything, the alarm included. Then the storage is as if it had never been used. */
  async deleteAll(): Promise<void> {
    await this.#storage.deleteAlarm();
    await this.#storage.deleteAll();
    this.#known.clear();
    this.#turn.end();
  }
}

const STATE_TABLE = 'schema_version';
