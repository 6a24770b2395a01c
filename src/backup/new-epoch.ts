import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { AuditRecord } from '../audit/index.ts';
import { toSeconds, type UnixMilliseconds } from '../clock.ts';
import { encodeEntry } from '../feed/log/index.ts';
import { isTerminal, STATES, type WorkflowState } from '../lifecycle/index.ts';
import { CAPABILITY_SECONDS_MAX, CLOCK_SKEW_SECONDS_MAX } from '../limits.ts';
import { uniqueKeyOf } from '../serve/index.ts';
import { endUnadopted, takeNewestLogs } from './newest-logs.ts';
import { useDatabase } from './sqlite.ts';
import { databasesIn } from './stores.ts';

const LOG = uniqueKeyOf('RevocationLog');
const ARCHIVE = uniqueKeyOf('FeedArchive');
const WORKFLOW = uniqueKeyOf('Workflow');
const ENDED = STATES.filter(isTerminal)
  .map((state) => `'${state}'`)
  .join(', ');

export interface NewEpochOptions {
  /** The state that was restored. No server uses it yet. */
  readonly state: string;
  /** The state that it replaces, if that is still there. */
  readonly replaced?: string;
  readonly now: UnixMilliseconds;
  /** When the backup was made, for the audit log. */
  readonly backedUpAt: UnixMilliseconds;
}

/** What became of the revocation logs. */
export interface NewEpoch {
  /** Positions at which the backup ends, one for each log. */
  readonly ends: readonly { readonly epoch: number; readonly seq: number }[];
  /** Entries that the backup did not have and the replaced state did. */
  readonly takenOver: number;
  /** Logs of the replaced state that could not be read. */
  readonly unreadable: readonly string[];
  /** Workflows that were living in the backup. */
  readonly ended: number;
  /**
   * Whether what the logs will sign may be another history than what they signed after the backup,
   * which their witnesses then refuse. They need the origins of another generation.
   */
  readonly isForked: boolean;
}

/**
 * Prepares the logs of a restored state so that each begins a new epoch when it starts. A verifier
 * follows into an epoch that is higher than its own and begins at or after its position, keeps what
 * it knew, and rejects anything else. What verifiers have seen since the backup is unknown, so the
 * new position is the time, which no earlier epoch and no earlier log can have reached: an epoch is
 * less than the seconds since 1970, and a log appends less than one entry a millisecond.
 *
 * The position is written to the archive. A log that is behind its archive when it starts was
 * restored: it takes the entries from there and begins the epoch (workers/issuer/feed).
 *
 * Among the entries is a watermark that stops every capability of before the restore, and every
 * living workflow ends: any of them may have been revoked after the backup, and a verifier that
 * restarts has forgotten it.
 */
export async function prepareNewEpoch(options: NewEpochOptions): Promise<NewEpoch> {
  const { state, replaced } = options;
  const archives = await databasesIn(join(state, ARCHIVE));
  const ends: { epoch: number; seq: number }[] = [];
  const unreadable: string[] = [];
  let takenOver = 0;
  for (const name of archives.filter(isObject)) {
    const archive = join(state, ARCHIVE, name);
    if (replaced !== undefined) {
      const old = join(replaced, ARCHIVE, name);
      const count = takeOver(archive, old);
      if (count === undefined) unreadable.push(old);
      takenOver += count ?? 0;
    }
    ends.push(useDatabase(archive, (database) => raise(database, options)));
  }
  const hasNewest = replaced !== undefined && (await takeNewestLogs(state, replaced));
  const hadTree = await dropTrees(state);
  const ended = (await endWorkflows(state, options.now)) + (await endUnadopted(state));
  const record = restoreRecord(options, ends);
  for (const name of (await databasesIn(join(state, LOG))).filter(isObject)) {
    useDatabase(join(state, LOG, name), (database) => owe(database, record));
  }
  return { ends, takenOver, unreadable, ended, isForked: !hasNewest || hadTree };
}

/**
 * Deletes the trees of the revocation logs, of which witnesses cosign checkpoints: their leaves are
 * about consecutive positions, and the new epoch begins far behind the last one. New trees begin
 * with it. Returns whether there were any.
 */
async function dropTrees(state: string): Promise<boolean> {
  let count = 0;
  for (const store of [LOG, ARCHIVE]) {
    for (const name of (await databasesIn(join(state, store))).filter(isObject)) {
      count += useDatabase(join(state, store, name), dropTree);
    }
  }
  return count > 0;
}

/** Returns how many leaves there were. The object makes its triggers again when it starts. */
function dropTree(database: DatabaseSync): number {
  const tables = tablesOf(database);
  if (!tables.has('leaf')) return 0;
  const triggers = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'leaf'")
    .all();
  for (const { name } of triggers) database.exec(`DROP TRIGGER "${String(name)}"`);
  const { changes } = database.prepare('DELETE FROM leaf').run();
  for (const table of ['tile', 'checkpoint']) {
    if (tables.has(table)) database.exec(`DELETE FROM ${table}`);
  }
  return Number(changes);
}

const isObject = (name: string): boolean => name !== 'metadata.sqlite';

/** Copies entries of another archive that this one does not have. Undefined: it is unreadable. */
function takeOver(archive: string, other: string): number | undefined {
  // ATTACH would create a file that is missing.
  if (!existsSync(other)) return undefined;
  return useDatabase(archive, (database) => {
    try {
      database.prepare('ATTACH ? AS other').run(other);
      const { changes } = database
        .prepare('INSERT OR IGNORE INTO kept SELECT * FROM other.kept')
        .run();
      return Number(changes);
    } catch {
      return undefined;
    }
  });
}

/**
 * Ends every workflow that lives in the backup. An agent continues a workflow by its id, so a
 * workflow that was revoked after the backup would otherwise begin to mint again.
 */
async function endWorkflows(state: string, now: UnixMilliseconds): Promise<number> {
  let count = 0;
  for (const name of (await databasesIn(join(state, WORKFLOW))).filter(isObject)) {
    count += useDatabase(join(state, WORKFLOW, name), (database) => {
      const tables = tablesOf(database);
      // A resumption that is under way would bring its workflow back.
      if (tables.has('intent')) {
        database.exec(`UPDATE intent SET done = 1 WHERE done = 0 AND becomes NOT IN (${ENDED})`);
      }
      // A release before 0.4.0 wrote the storage, and no request has come since.
      if (tables.has('workflow')) return endRows(database, now);
      return tables.has('schema_version') ? endTree(database, now) : 0;
    });
  }
  return count;
}

const tablesOf = (database: DatabaseSync): ReadonlySet<string> =>
  new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name)),
  );

function endRows(database: DatabaseSync, now: UnixMilliseconds): number {
  const ended = database.prepare(
    `UPDATE workflow SET state = 'revoked', ordered = 'revoked', ended_at = ?
     WHERE ordered NOT IN (${ENDED})`,
  );
  return Number(ended.run(now).changes);
}

/** What a restore reads and changes of the tree that workers/issuer/workflow stores. */
interface TreeState {
  readonly workflows: readonly { readonly ordered: WorkflowState }[];
  readonly rows?: {
    readonly intent?: readonly { readonly becomes: WorkflowState | null; readonly done: number }[];
  };
}

function endTree(database: DatabaseSync, now: UnixMilliseconds): number {
  const text = database.prepare('SELECT state FROM schema_version').get()?.state;
  if (typeof text !== 'string') return 0;
  const tree = JSON.parse(text) as TreeState;
  const living = tree.workflows.filter(({ ordered }) => !isTerminal(ordered));
  const revoked = { state: 'revoked', ordered: 'revoked', endedAt: now };
  const workflows = tree.workflows.map((one) =>
    living.includes(one) ? { ...one, ...revoked } : one,
  );
  const intent = tree.rows?.intent?.map((one) =>
    one.done === 0 && one.becomes !== null && !isTerminal(one.becomes) ? { ...one, done: 1 } : one,
  );
  const rows = { ...tree.rows, ...(intent && { intent }) };
  database
    .prepare('UPDATE schema_version SET state = ?')
    .run(JSON.stringify({ ...tree, workflows, rows }));
  return living.length;
}

/** Moves the end of an archive to a position that no verifier has reached. */
function raise(
  database: DatabaseSync,
  { now }: NewEpochOptions,
): { readonly epoch: number; readonly seq: number } {
  const row = database.prepare('SELECT epoch, seq, chain FROM position').get();
  const last = database.prepare('SELECT MAX(seq) AS seq FROM kept').get();
  const end = { epoch: Number(row?.epoch ?? 1), seq: Number(row?.seq ?? 0) };
  const epoch = Math.max(end.epoch, toSeconds(now));
  const seq = Math.max(end.seq, Number(last?.seq ?? 0), now) + 1;
  insertWatermark(database, seq, now);
  database
    .prepare(
      `INSERT INTO position (one, epoch, seq, chain) VALUES (1, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, seq = excluded.seq`,
    )
    .run(epoch, seq, String(row?.chain ?? NO_CHAIN));
  return end;
}

/** The chain of a position that no log had. It is never compared, because no one else is there. */
const NO_CHAIN = '0'.repeat(64);

/** Stops every capability that was issued up to now, as `hewn watermark all` does. */
function insertWatermark(database: DatabaseSync, seq: number, now: UnixMilliseconds): void {
  const at = toSeconds(now);
  const before = at + 1;
  const expires = before + CAPABILITY_SECONDS_MAX + CLOCK_SKEW_SECONDS_MAX;
  const entry = { kind: 'watermark', seq, at, expires, scope: 'all', value: '', before } as const;
  database
    .prepare(
      `INSERT INTO kept (seq, ordered, kind, expires, record, chain) VALUES (?, ?, ?, ?, ?, ?)`,
    )
    .run(seq, `watermark all ${before} `, entry.kind, expires, encodeEntry(entry), NO_CHAIN);
}

/** How the audit log describes the restore: it has nothing of the time after the backup. */
function restoreRecord({ now, backedUpAt }: NewEpochOptions, ends: NewEpoch['ends']): AuditRecord {
  const from = new Date(backedUpAt).toISOString();
  const to = new Date(now).toISOString();
  const positions = ends.map(({ epoch, seq }) => `${epoch}.${seq}`).join(', ');
  return {
    event: 'watermark',
    id: `restore.${now}`,
    at: now,
    scope: 'all',
    value: '',
    before: toSeconds(now) + 1,
    actor: 'operator',
    reason: `restored from a backup: records, stops and versions from ${from} to ${to} are missing; the revocation log ended at ${positions}; every earlier capability is stopped, and every workflow has ended`,
  };
}

/** The log delivers the record when it starts. */
function owe(database: DatabaseSync, record: AuditRecord): void {
  database
    .prepare('INSERT INTO owed (id, record, tries, due) VALUES (?, ?, 0, 0)')
    .run(record.id, JSON.stringify(record));
}
