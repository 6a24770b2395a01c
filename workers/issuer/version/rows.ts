import type { VersionRecord } from '../../../src/audit/index.ts';
import type { UnixMilliseconds } from '../../../src/clock.ts';
import {
  VERSION_BYTES_MAX,
  VERSION_SOURCES,
  type Version,
  type VersionSource,
} from '../../../src/version/index.ts';
import { migrate } from '../platform/sqlite.ts';
import type { Row, StoredRow } from '../platform/table.ts';
import type { Activation, VersionSummary } from './binding.ts';
import { ACTIVATION_RECORD, POLICY } from './columns.ts';
import { versionsSchema } from './schema.ts';
import { type ActivationState, activationTable, versionTable } from './tables.ts';

/** Versions of a day of edits under `hewn dev`, and of a year of deployments. */
export const VERSIONS_MAX = 64;
/** Versions that were active most recently. They stay: a rollback must find them. */
export const VERSIONS_KEPT_MAX = 16;
/**
 * All versions together. Those that stay and the one that is loaded take at most half, so there is
 * always room for one more.
 */
const VERSIONS_BYTES_MAX = 2 * (VERSIONS_KEPT_MAX + 1) * VERSION_BYTES_MAX;

const ACTIVATIONS_PER_PAGE_MAX = 50;
const ACTIVATIONS_MAX = 1_000; // The audit log has all of them.

/** A version that is stored for the first time. */
export type NewVersion = Pick<VersionSummary, 'id' | 'catalogueHash' | 'bytes' | 'loadedAt'> &
  Pick<VersionSummary, 'actor' | 'source' | 'reason'> & { readonly version: Version };

export interface StoredActivation extends Activation {
  readonly record: VersionRecord;
}

/** The rows of `Versions`. Every method is one step of a transaction, without an `await`. */
export class VersionRows {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    migrate(storage, versionsSchema);
    this.#sql = storage.sql;
  }

  has(id: string): boolean {
    return this.#sql.exec('SELECT 1 FROM version WHERE id = ?', id).toArray().length > 0;
  }

  insert({ version, ...row }: NewVersion): void {
    const { id, catalogueHash, bytes, loadedAt, actor, source, reason } = row;
    this.#sql.exec(
      `INSERT INTO version (id, policy, catalogue, catalogue_hash, bytes, loaded_at, loaded_by,
         source, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, POLICY.write(version.policy), version.catalogue, catalogueHash],
      ...[bytes, loadedAt, actor, source, reason],
    );
  }

  /**
   * Drops versions until the limits hold, and returns their ids: first those that were never
   * active, the oldest first, then those that were active longest ago.
   */
  makeRoom(loaded: string): readonly string[] {
    const dropped: string[] = [];
    for (;;) {
      const { n, bytes } = this.#sql
        .exec('SELECT COUNT(*) AS n, SUM(bytes) AS bytes FROM version')
        .one();
      if (Number(n) <= VERSIONS_MAX && Number(bytes) <= VERSIONS_BYTES_MAX) return dropped;
      const victim = this.#droppable(loaded);
      if (victim === undefined) return dropped;
      this.#sql.exec('DELETE FROM version WHERE id = ?', victim);
      dropped.push(victim);
    }
  }

  #droppable(loaded: string): string | undefined {
    const [row] = this.#sql
      .exec(
        `SELECT id FROM version
         WHERE id <> ?
           AND id NOT IN (SELECT version FROM activation WHERE state IN ('recording', 'active'))
           AND id NOT IN (SELECT id FROM version WHERE active_at IS NOT NULL
             ORDER BY active_at DESC, seq DESC LIMIT ?)
         ORDER BY active_at IS NOT NULL, active_at, seq LIMIT 1`,
        ...[loaded, VERSIONS_KEPT_MAX],
      )
      .toArray();
    return row && String(row.id);
  }

  /** Returns all versions without their texts, the newest first. */
  list(): readonly VersionSummary[] {
    const active = this.current('active')?.version;
    const rows = this.#sql.exec('SELECT * FROM version ORDER BY seq DESC');
    // One row at a time: the texts of all versions may not fit into the memory of an object.
    return Array.from(rows, (row) => summaryOf(versionTable.read(row), active));
  }

  find(id: string): (VersionSummary & Version) | undefined {
    const [stored] = this.#sql.exec('SELECT * FROM version WHERE id = ?', id).toArray();
    if (!stored) return undefined;
    const row = versionTable.read(stored);
    const { policy, catalogue } = row;
    return { ...summaryOf(row, this.current('active')?.version), policy, catalogue };
  }

  catalogue(hash: string): string | undefined {
    const [row] = this.#sql
      .exec('SELECT catalogue FROM version WHERE catalogue_hash = ? LIMIT 1', hash)
      .toArray();
    return row && String(row.catalogue);
  }

  /** Returns the one activation of a state. */
  current(state: 'recording' | 'active'): StoredActivation | undefined {
    const [row] = this.#sql.exec('SELECT * FROM activation WHERE state = ?', state).toArray();
    return row && activationOf(row);
  }

  activation(id: string): StoredActivation | undefined {
    const [row] = this.#sql.exec('SELECT * FROM activation WHERE id = ?', id).toArray();
    return row && activationOf(row);
  }

  beginActivation(record: VersionRecord): void {
    const { id, version, before, catalogue, at, actor, by, reason } = record;
    this.#sql.exec(
      `INSERT INTO activation (id, version, before, catalogue_hash, at, actor, source, reason,
         state, in_feed, record) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'recording', 0, ?)`,
      ...[id, version, before ?? null, catalogue, at, actor, by, reason],
      ACTIVATION_RECORD.write(record),
    );
  }

  /** Puts a recorded activation in force, and ends the one before. */
  putInForce(id: string, version: string, now: UnixMilliseconds): void {
    this.#sql.exec("UPDATE activation SET state = 'ended' WHERE state = 'active'");
    this.#setState(id, 'active');
    this.#sql.exec('UPDATE version SET active_at = ? WHERE id = ?', now, version);
    const [oldest] = this.#sql
      .exec('SELECT n FROM activation ORDER BY n DESC LIMIT 1 OFFSET ?', ACTIVATIONS_MAX)
      .toArray();
    if (oldest) this.#sql.exec('DELETE FROM activation WHERE n <= ?', Number(oldest.n));
  }

  abandon(id: string): void {
    this.#setState(id, 'abandoned');
  }

  #setState(id: string, state: ActivationState): void {
    this.#sql.exec('UPDATE activation SET state = ? WHERE id = ?', state, id);
  }

  setInFeed(id: string): void {
    this.#sql.exec('UPDATE activation SET in_feed = 1 WHERE id = ?', id);
  }

  /** Returns a page of activations before the position `before`, the newest first. */
  history(before: number): readonly Activation[] {
    return this.#sql
      .exec(
        'SELECT * FROM activation WHERE n < ? ORDER BY n DESC LIMIT ?',
        ...[before, ACTIVATIONS_PER_PAGE_MAX],
      )
      .toArray()
      .map((row) => toView(activationOf(row)));
  }

  /** Returns the version that each source put in force last. */
  lastBy(): Readonly<Partial<Record<VersionSource, string>>> {
    const last = VERSION_SOURCES.flatMap((source) => {
      const [row] = this.#sql
        .exec(
          `SELECT version FROM activation WHERE source = ? AND state IN ('active', 'ended')
           ORDER BY n DESC LIMIT 1`,
          source,
        )
        .toArray();
      return row ? [[source, String(row.version)]] : [];
    });
    return Object.fromEntries(last);
  }
}

function summaryOf(row: Row<(typeof versionTable)['columns']>, active: string | undefined) {
  return {
    id: row.id,
    catalogueHash: row.catalogue_hash,
    files: Object.keys(row.policy).sort(),
    bytes: row.bytes,
    loadedAt: row.loaded_at,
    actor: row.loaded_by,
    source: row.source,
    reason: row.reason,
    active: row.id === active,
    activeAt: row.active_at ?? null,
  };
}

function activationOf(stored: StoredRow): StoredActivation {
  const {
    catalogue_hash: catalogueHash,
    in_feed: inFeed,
    before,
    ...row
  } = activationTable.read(stored);
  const { n, version, at, actor, source, reason, state, record } = row;
  const members = { n, version, at, actor, source, reason, state, record };
  return { ...members, catalogueHash, inFeed, before: before ?? null };
}

/** An activation as others see it: without the record that is derived from it. */
export function toView({ record: _, ...activation }: StoredActivation): Activation {
  return activation;
}
