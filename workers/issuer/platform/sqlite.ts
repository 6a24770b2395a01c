import type { Table } from './table.ts';

/**
 * The schema of one Durable Object, by version. Step n brings storage from version n - 1 to n, and
 * step 1 is what release 0.1.0 created.
 *
 * To add a column, append a step of your release to the object's schema file, or extend that step
 * if the release is not out yet. Add the column to `adds`: nullable or with a default, so that the
 * previous release can still insert rows. Say in docs/reference/storage.md what it is for, and
 * update the digest in test/unit/issuer/schema.test.ts. Never change a released step: storage that
 * has taken it does not take it again.
 */
export interface Schema {
  /** The object's class, for messages. */
  readonly object: string;
  readonly steps: readonly SchemaStep[];
  /** Every table that the steps create, with its columns: a test compares them with the SQL. */
  readonly tables: readonly Table[];
  /** By name, from `BEFORE` on. They have no steps: the current ones replace all that exist. */
  readonly triggers: Readonly<Record<string, string>>;
}

/**
 * For an object that is created often: opening empty storage writes nothing, because each table
 * costs rows and pages. What the object reads together is one value in the version's row, `state`;
 * the other tables are created with their first row. `OnDemandStorage` reads and writes them. From
 * the first step that has this, each step has it, with all tables as they then are.
 */
export interface OnDemand {
  /** The statements that create each table, by its name, with `IF NOT EXISTS`. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /**
   * Reads the tables that the steps before created, drops them, and returns the state; undefined
   * if there is none. Absent if there are no steps before.
   */
  readonly convert?: (sql: SqlStorage) => string | undefined;
}

export interface SchemaStep {
  /** The release that introduced it. */
  readonly release: string;
  /** New tables and indexes, with `IF NOT EXISTS`. */
  readonly sql: string;
  /** New columns by table, as in `ALTER TABLE … ADD COLUMN`. An existing column is kept. */
  readonly adds?: Readonly<Record<string, readonly string[]>>;
  /**
   * The lowest version whose code may use storage that has taken this step. Normally that of the
   * previous release, so that a deployment can be rolled back.
   */
  readonly readableFrom: number;
  readonly onDemand?: OnDemand;
}

/** How far the storage of an object is, and how far its code. */
export interface SchemaVersion {
  readonly object: string;
  readonly stored: number;
  readonly known: number;
}

/** Returns the version of migrated storage, which may be newer than that of the code. */
export const schemaVersionOf = (
  { sql }: Pick<DurableObjectStorage, 'sql'>,
  { object, steps }: Schema,
): SchemaVersion => ({ object, stored: read(sql).version, known: steps.length });

interface Stored {
  /** 0 for storage that is empty, or older than versions. */
  readonly version: number;
  readonly readableFrom: number;
  /** As SQLite stores them. */
  readonly triggers: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
}

/** Returns the newest step, if its tables are created on demand. */
export const onDemandOf = ({ steps }: Schema): OnDemand | undefined => steps.at(-1)?.onDemand;

/**
 * Brings the storage of an object to the version of this code, in one transaction. A constructor
 * calls it first. Storage of this version is only read. Storage of a newer version is used as it is
 * if it says that this code may; otherwise this throws, because code that does not know a column
 * would lose its content.
 */
export function migrate(storage: DurableObjectStorage, schema: Schema): void {
  const stored = read(storage.sql);
  const known = schema.steps.length;
  if (stored.version > known) {
    if (stored.readableFrom <= known) return;
    throw new Error(
      `the storage of ${schema.object} has version ${stored.version}, which this code, of version ` +
        `${known}, cannot use: deploy the release that wrote it (docs/upgrading.md)`,
    );
  }
  const onDemand = onDemandOf(schema);
  if (onDemand && stored.isEmpty) return;
  // A table on demand brings its own triggers.
  if (stored.version === known && (onDemand || hasTriggers(stored, schema))) return;
  storage.transactionSync(() => upgrade(storage.sql, schema, stored));
}

function upgrade(sql: SqlStorage, schema: Schema, stored: Stored): void {
  const { steps, triggers } = schema;
  const onDemandFrom = steps.findIndex(({ onDemand }) => onDemand) + 1;
  const isOnDemand = onDemandFrom > 0 && stored.version >= onDemandFrom;
  // First, so that no trigger of the previous version can block a step.
  if (!isOnDemand) for (const name of stored.triggers.keys()) sql.exec(`DROP TRIGGER "${name}"`);
  for (const step of steps.slice(stored.version)) take(sql, step);
  if (isOnDemand) {
    sql.exec(`UPDATE ${TABLE} SET version = ?, readable_from = ?`, ...versionOf(schema));
    return;
  }
  if (onDemandFrom > 0) {
    const state = steps[onDemandFrom - 1]?.onDemand?.convert?.(sql);
    sql.exec(`DROP TABLE IF EXISTS ${TABLE}`);
    insertState(sql, schema, state);
    return;
  }
  for (const [name, text] of Object.entries(triggers)) sql.exec(triggerText(name, text));
  sql.exec(`
    CREATE TABLE IF NOT EXISTS ${TABLE} (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL
    ) STRICT;
  `);
  sql.exec(
    `INSERT OR REPLACE INTO ${TABLE} (one, version, readable_from) VALUES (1, ?, ?)`,
    ...versionOf(schema),
  );
}

/**
 * Creates the row of the version and the state. It is the same table as in every other object, so
 * that a release before `onDemand` refuses the storage instead of finding it empty.
 */
export function insertState(sql: SqlStorage, schema: Schema, state: string | undefined): void {
  sql.exec(`
    CREATE TABLE ${TABLE} (
      one           INTEGER PRIMARY KEY CHECK (one = 1),
      version       INTEGER NOT NULL,
      readable_from INTEGER NOT NULL,
      state         TEXT
    ) STRICT`);
  sql.exec(
    `INSERT INTO ${TABLE} (one, version, readable_from, state) VALUES (1, ?, ?, ?)`,
    ...[...versionOf(schema), state ?? null],
  );
}

const versionOf = ({ steps }: Schema): readonly number[] => [
  steps.length,
  steps.at(-1)?.readableFrom ?? 0,
];

function take(sql: SqlStorage, { sql: text, adds = {}, onDemand }: SchemaStep): void {
  if (text !== '') sql.exec(text);
  for (const [table, columns] of Object.entries(adds)) {
    const there = sql.exec(`PRAGMA table_info("${table}")`).toArray();
    // A table on demand that does not exist is created with all its columns.
    if (onDemand && there.length === 0) continue;
    const names = new Set(there.map(({ name }) => name));
    for (const column of columns) {
      const [name = ''] = column.split(' ');
      if (!names.has(name)) sql.exec(`ALTER TABLE "${table}" ADD COLUMN ${column}`);
    }
  }
}

function read(sql: SqlStorage): Stored {
  const rows = sql
    .exec("SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
    .toArray()
    .filter(({ name }) => !String(name).startsWith('_cf_'));
  const triggers = new Map(
    rows
      .filter(({ type }) => type === 'trigger')
      .map(({ name, sql: text }) => [String(name), String(text)]),
  );
  const known = { triggers, isEmpty: rows.length === 0 };
  if (!rows.some(({ name }) => name === TABLE)) return { version: 0, readableFrom: 0, ...known };
  const row = sql.exec(`SELECT version, readable_from FROM ${TABLE}`).one();
  return { version: Number(row.version), readableFrom: Number(row.readable_from), ...known };
}

/** After a rollback, a release without versions may have added its own triggers. */
function hasTriggers({ triggers }: Stored, schema: Schema): boolean {
  const wanted = Object.entries(schema.triggers);
  return (
    triggers.size === wanted.length &&
    wanted.every(([name, text]) => triggers.get(name) === triggerText(name, text))
  );
}

const TABLE = 'schema_version';

/** Exactly the text that SQLite stores. */
const triggerText = (name: string, text: string): string => `CREATE TRIGGER ${name} ${text}`;
