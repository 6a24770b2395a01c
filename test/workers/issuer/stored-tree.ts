/** Reads and edits the stored tree of a workflow's object, past its rules, as no code of it could. */
import { runInDurableObject } from 'cloudflare:test';
import type { StoredRow } from '../../../workers/issuer/platform/table.ts';
import { TREE } from '../../../workers/issuer/workflow/columns.ts';
import { workflowSchema } from '../../../workers/issuer/workflow/schema.ts';
import {
  EMPTY_TREE,
  type StoredTree,
  type StoredWorkflow,
} from '../../../workers/issuer/workflow/tree.ts';

export function readTree({ sql }: DurableObjectStorage): StoredTree {
  const { state } = sql.exec('SELECT state FROM schema_version').one();
  return state === null ? EMPTY_TREE : TREE.read(state);
}

export function writeTree({ sql }: DurableObjectStorage, tree: StoredTree): void {
  sql.exec('UPDATE schema_version SET state = ?', TREE.write(tree));
}

/** Changes members of all workflows of the object, or of one. */
export function editWorkflows(
  storage: DurableObjectStorage,
  changes: Partial<StoredWorkflow>,
  id?: string,
): void {
  const tree = readTree(storage);
  const workflows = tree.workflows.map((one) =>
    id === undefined || one.start.id === id ? { ...one, ...changes } : one,
  );
  writeTree(storage, { ...tree, workflows });
}

/** Creates a table that the object creates with its first row. */
export function createTable({ sql }: DurableObjectStorage, table: string): void {
  for (const statement of workflowSchema.steps.at(-1)?.onDemand?.tables[table] ?? []) {
    sql.exec(statement);
  }
}

/** Returns the rows of a table, of which the first may be in the tree. */
export function rowsOf(
  storage: DurableObjectStorage,
  table: 'intent' | 'owed' | 'untold' | 'finding',
): readonly StoredRow[] {
  const { sql } = storage;
  const tables = sql.exec("SELECT name FROM sqlite_master WHERE type = 'table'").toArray();
  const has = (name: string) => tables.some((one) => one.name === name);
  const inTable = has(table) ? sql.exec(`SELECT * FROM ${table}`).toArray() : [];
  const inTree =
    has('schema_version') && table !== 'finding' ? (readTree(storage).rows[table] ?? []) : [];
  return [...inTree, ...inTable];
}

/** Returns the rows of a table that are not done. */
export const openRowsOf = (storage: DurableObjectStorage, table: 'intent' | 'finding') =>
  rowsOf(storage, table).filter(({ done }) => done === 0);

/**
 * Waits until an object has published its changes, which no answer waits for. An object that is
 * reset meanwhile writes its tree into the storage of the next test.
 */
export const untilPublished = (stub: DurableObjectStub): Promise<void> =>
  untilEmpty(stub, 'untold', 100);

/** A slow log gets the record of a stop after the stop was answered. */
export const untilRecorded = (stub: DurableObjectStub): Promise<void> =>
  untilEmpty(stub, 'owed', 500);

async function untilEmpty(
  stub: DurableObjectStub,
  table: 'owed' | 'untold',
  attempts: number,
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const left = await runInDurableObject(stub, (_object, { storage }) => rowsOf(storage, table));
    if (left.length === 0) return;
    await new Promise((passed) => setTimeout(passed, 20));
  }
}
