import { readSeconds } from '../../../src/clock.ts';
import type { StoredCapability } from './binding.ts';
import { CAPABILITY, STOPPED } from './columns.ts';
import { capabilityTable } from './tables.ts';

/** What one person may have handed out at a time. Each ends within half a day. */
const CAPABILITIES_PER_PERSON_MAX = 64;
/** Blocks of one capability that are stopped on their own. One more stops all of it. */
const STOPPED_BLOCKS_MAX = 64;
/** A holder narrows as often as it likes, and must not be able to stop what others have. */
const STOPPED_BY_HOLDERS_MAX = 32;

/** The operator capabilities that have not ended. Runs inside the object that owns the table. */
export class CapabilityRows {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  isFullFor(author: string): boolean {
    return this.all().filter(({ by }) => by === author).length >= CAPABILITIES_PER_PERSON_MAX;
  }

  add(capability: StoredCapability): void {
    const { id, by, ends, stopped, ...facts } = capability;
    this.#sql.exec(
      'INSERT INTO capability (id, author, ends, capability, stopped) VALUES (?, ?, ?, ?, ?)',
      ...[id, by, ends, CAPABILITY.write(facts), STOPPED.write(stopped)],
    );
  }

  find(id: string): StoredCapability | undefined {
    const [row] = this.#sql
      .exec('SELECT * FROM capability WHERE id = ? AND ends > ?', id, readSeconds())
      .toArray();
    return row && readRow(row);
  }

  /** Returns them, the newest end last. */
  all(): StoredCapability[] {
    return this.#sql
      .exec('SELECT * FROM capability WHERE ends > ? ORDER BY ends, id', readSeconds())
      .toArray()
      .map(readRow);
  }

  /** Stops a block with everything narrowed from it. Returns false if it is stopped already. */
  stop({ id, block: first, stopped }: StoredCapability, block: string): boolean {
    if (stopped.includes(first) || stopped.includes(block)) return false;
    const isFull = stopped.length >= STOPPED_BLOCKS_MAX;
    const all = block === first || isFull ? [first] : [...stopped, block];
    this.#sql.exec('UPDATE capability SET stopped = ? WHERE id = ?', STOPPED.write(all), id);
    return true;
  }

  /** Whether a holder may stop no more blocks of a capability. */
  isFullForHolders({ stopped }: StoredCapability): boolean {
    return stopped.length >= STOPPED_BY_HOLDERS_MAX;
  }

  dropEnded(): void {
    this.#sql.exec('DELETE FROM capability WHERE ends <= ?', readSeconds());
  }
}

function readRow(row: Readonly<Record<string, SqlStorageValue>>): StoredCapability {
  const { id, author, ends, capability, stopped } = capabilityTable.read(row);
  return { ...capability, id, by: author, ends, stopped };
}
