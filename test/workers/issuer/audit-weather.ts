/** Makes the audit log fail or hang, for one object or for all. */
import { runInDurableObject } from 'cloudflare:test';
import { type IssuerEnv, transparencyLog } from '../../../workers/issuer/platform/env.ts';
import { readTree, writeTree } from './stored-tree.ts';

export type AuditWeather = 'fails' | 'hangs';

const CALLS: Readonly<Record<AuditWeather, () => Promise<never>>> = {
  fails: () => Promise.reject(new Error('the log does not answer')),
  hangs: () => (isHungUp ? CALLS.fails() : new Promise<never>((_, fail) => void hanging.add(fail))),
};
let isHungUp = false;
const hanging = new Set<(error: Error) => void>();

/** Hanging calls fail at the end: one that outlives its test would disturb the next. */
export async function endHanging(): Promise<void> {
  isHungUp = true;
  for (const fail of hanging) fail(new Error('the log has hung up'));
  hanging.clear();
  await new Promise((passed) => setTimeout(passed, 50));
}

/** Takes the audit log from one object until it is evicted. */
export const loseAudit = <T extends Rpc.DurableObjectBranded>(
  stub: DurableObjectStub<T>,
  env: IssuerEnv,
  weather: AuditWeather,
): Promise<void> => {
  isHungUp = false;
  return runInDurableObject(stub, (object) => {
    const lost = { getByName: () => new Proxy({}, { get: () => CALLS[weather] }) };
    Object.assign(object, { env: { ...env, LOG: lost } });
  });
};

/** A log drops the table of its records in a round of its own time, and a trigger with it. */
const RECORDS_WRITTEN = /^INSERT INTO pending_/;
let undo = (): void => undefined;

/** Makes the logs refuse every record, as SQLite does on a full disk. */
export const fillAudit = (env: IssuerEnv): Promise<void> =>
  runInDurableObject(transparencyLog(env, 'control'), (_log, { storage }) => {
    const sql: SqlStorage = Object.getPrototypeOf(storage.sql);
    const { exec } = sql;
    emptyAudit();
    undo = () => {
      sql.exec = exec;
    };
    sql.exec = function (this: SqlStorage, query: string, ...bindings: unknown[]) {
      if (RECORDS_WRITTEN.test(query)) throw new Error('database or disk is full: SQLITE_FULL');
      return exec.call(this, query, ...bindings);
    } as SqlStorage['exec'];
  });

export function emptyAudit(): void {
  undo();
  undo = () => undefined;
}

/** Makes every owed record due now, as if minutes had passed. */
export const dueNow = (stub: DurableObjectStub): Promise<void> =>
  runInDurableObject(stub, (_object, { storage }) => {
    const { sql } = storage;
    const owed = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'owed'");
    if (owed.toArray().length > 0) sql.exec('UPDATE owed SET due = 0');
    const state = sql.exec(
      "SELECT 1 FROM pragma_table_info('schema_version') WHERE name = 'state'",
    );
    if (state.toArray().length === 0) return;
    const tree = readTree(storage);
    const inTree = tree.rows.owed?.map((row) => ({ ...row, due: 0 }));
    if (inTree) writeTree(storage, { ...tree, rows: { ...tree.rows, owed: inTree } });
  });
