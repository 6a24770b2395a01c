/** All logs of the issuer, for tests that do not ask in which of them a record is. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { OPEN_LOGS } from '../../../workers/issuer/log/which-log.ts';
import { type IssuerEnv, transparencyLog } from '../../../workers/issuer/platform/env.ts';

const logsOf = (env: IssuerEnv) => OPEN_LOGS.map((log) => transparencyLog(env, log));

export async function evictLogs(env: IssuerEnv): Promise<void> {
  for (const stub of logsOf(env)) {
    await stub.pending(0, 0); // Only an object that runs is evicted.
    await evictDurableObject(stub);
  }
}

/** Runs SQL in each log. */
export async function inLogs(env: IssuerEnv, sql: string): Promise<void> {
  for (const stub of logsOf(env)) {
    await runInDurableObject(stub, (_log, { storage }) => void storage.sql.exec(sql));
  }
}

/** Returns whether the alarm of any log was set. */
export async function runLogAlarms(env: IssuerEnv): Promise<boolean> {
  const ran: boolean[] = [];
  for (const stub of logsOf(env)) ran.push(await runDurableObjectAlarm(stub));
  return ran.includes(true);
}

/** Returns all rows of a query, of all logs. */
export async function rowsOfLogs(
  env: IssuerEnv,
  sql: string,
): Promise<Record<string, SqlStorageValue>[]> {
  const rows: Record<string, SqlStorageValue>[] = [];
  for (const stub of logsOf(env)) {
    rows.push(
      ...(await runInDurableObject(stub, (_log, { storage }) => storage.sql.exec(sql).toArray())),
    );
  }
  return rows;
}

/** Makes each log believe that its database has this size. */
export async function fillLogs(env: IssuerEnv, bytes: number): Promise<void> {
  for (const stub of logsOf(env)) {
    await runInDurableObject(stub, (object, { storage }) => {
      const grown = {
        transactionSync: (body: () => unknown) => storage.transactionSync(body),
        setAlarm: (at: number) => storage.setAlarm(at),
        sql: { exec: storage.sql.exec.bind(storage.sql), databaseSize: bytes },
      };
      Object.assign(object, { ctx: { storage: grown } });
    });
  }
}
