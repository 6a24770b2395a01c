import type { UnixSeconds } from '../../../src/clock.ts';
import type { StoredPasskey } from './binding.ts';
import { PASSKEY } from './columns.ts';
import { passkeyTable } from './tables.ts';

/** A phone, a laptop and keys to carry. */
const PASSKEYS_PER_PERSON_MAX = 8;

/** The passkeys of people. Runs inside the object that owns the table. */
export class PasskeyRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  isFullFor(person: string): boolean {
    return this.all().filter(({ name }) => name === person).length >= PASSKEYS_PER_PERSON_MAX;
  }

  /** Returns false if there is one with this id. */
  add({ id, name, counter, ...facts }: StoredPasskey): boolean {
    const inserted = this.#sql.exec(
      'INSERT OR IGNORE INTO passkey (id, name, counter, passkey) VALUES (?, ?, ?, ?)',
      ...[id, name, counter, PASSKEY.write(facts)],
    );
    return inserted.rowsWritten > 0;
  }

  all(): StoredPasskey[] {
    return this.#sql
      .exec('SELECT * FROM passkey ORDER BY name, id')
      .toArray()
      .map((row) => {
        const { id, name, counter, used, passkey } = passkeyTable.read(row);
        return { ...passkey, id, name, counter, ...(used !== undefined && { used }) };
      });
  }

  find(id: string): StoredPasskey | undefined {
    return this.all().find((each) => each.id === id);
  }

  /** Takes a counter that rises, or that is 0 as before. Returns false for that of a copy. */
  use(id: string, counter: number, at: UnixSeconds): boolean {
    const used = this.#sql.exec(
      'UPDATE passkey SET counter = ?, used = ? WHERE id = ? AND (counter < ? OR (counter = 0 AND ? = 0))',
      ...[counter, at, id, counter, counter],
    );
    return used.rowsWritten > 0;
  }

  remove(id: string): boolean {
    return this.#sql.exec('DELETE FROM passkey WHERE id = ?', id).rowsWritten > 0;
  }
}
