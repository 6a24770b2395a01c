/** Reads and edits the stored tree of a workflow's object, past its rules, as no code of it could. */
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

/** Returns the rows of a table; none if it does not exist. */
export function rowsOf({ sql }: DurableObjectStorage, table: string, where = '1'): unknown[] {
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE name = ? AND type = 'table'", table);
  if (found.toArray().length === 0) return [];
  return sql.exec(`SELECT * FROM ${table} WHERE ${where}`).toArray();
}
