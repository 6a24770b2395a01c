import { runInDurableObject } from 'cloudflare:test';
import { log, restartLog } from '../scene.ts';

type Row = Record<string, SqlStorageValue>;

const TABLES = [
  'log',
  'entry',
  'snapshot',
  'snapshot_reference',
  'catalogue',
  'leaf',
  'tile',
  'checkpoint',
];

/** Acts like a point-in-time restore: it resets the rows of one object. */
export async function photograph(): Promise<() => Promise<void>> {
  const copy = await runInDurableObject(log(), (_log, { storage }) =>
    TABLES.map((table): [string, Row[]] => [
      table,
      storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
    ]),
  );
  return async () => {
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.transactionSync(() => {
        putBack(storage.sql, copy);
      });
    });
    await restartLog();
  };
}

function putBack(sql: SqlStorage, copy: readonly [string, Row[]][]): void {
  const triggers = sql.exec("SELECT name FROM sqlite_master WHERE type = 'trigger'").toArray();
  for (const { name } of triggers) sql.exec(`DROP TRIGGER ${name}`);
  for (const [table, rows] of copy) {
    sql.exec(`DELETE FROM ${table}`);
    for (const row of rows) {
      const columns = Object.keys(row);
      const marks = columns.map(() => '?').join(', ');
      sql.exec(
        `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`,
        ...Object.values(row),
      );
    }
  }
}
