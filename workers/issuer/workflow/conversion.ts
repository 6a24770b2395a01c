import { EMPTY_HISTORY } from '../../../src/history/index.ts';
import type { ActorKind, Lease, WorkflowState } from '../../../src/lifecycle/index.ts';
import type { StoredRow } from '../platform/table.ts';
import { ANSWER, BOUNDS, OBSERVED, START, TREE } from './columns.ts';
import type { StoredTree, StoredWorkflow } from './tree.ts';

/** The tables whose content is in the tree, each with its rows in order. */
const IN_TREE = [
  'workflow',
  'granted',
  'meter',
  'lease',
  'charge',
  'verifier',
  'observed',
  'overrun',
] as const;

/** The tables that stay if they have rows, with the columns that they keep. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  intent: [
    'id',
    'target',
    'record',
    'word',
    'workflow',
    'becomes',
    'epoch',
    'seq',
    'archived',
    'done',
  ],
  finding: ['id', 'workflow', 'rule', 'upto', 'overruns', 'finding', 'done'],
  owed: ['id', 'record', 'tries', 'due'],
  untold: ['id', 'change'],
};

/**
 * Converts the tables of 0.3.0, which had one for each kind of thing, to one row with everything
 * that is read together. Returns that row's state; undefined if no workflow began. `create` has the
 * statements that create a table of the new form.
 */
export function convert(
  sql: SqlStorage,
  create: (table: string) => readonly string[],
): string | undefined {
  const tree = readTree(sql);
  const mints = furtherMints(sql, tree.workflows);
  for (const table of IN_TREE) sql.exec(`DROP TABLE ${table}`);
  sql.exec('DROP TABLE mint');
  if (mints.length > 0) for (const statement of create('mint')) sql.exec(statement);
  for (const mint of mints) insert(sql, 'mint', mint);
  for (const [table, columns] of Object.entries(KEPT)) {
    const rows = sql.exec(`SELECT ${columns.join(', ')} FROM ${table} ORDER BY rowid`).toArray();
    sql.exec(`DROP TABLE ${table}`);
    if (rows.length > 0) for (const statement of create(table)) sql.exec(statement);
    for (const row of rows) insert(sql, table, row);
  }
  return tree.workflows.length === 0 ? undefined : TREE.write(tree);
}

function insert(sql: SqlStorage, table: string, row: StoredRow): void {
  const names = Object.keys(row);
  const places = names.map(() => '?').join(', ');
  sql.exec(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, ...Object.values(row));
}

function readTree(sql: SqlStorage): StoredTree {
  const all = (query: string): readonly StoredRow[] => sql.exec(query).toArray();
  const denials = all('SELECT * FROM observed ORDER BY n').map((row) => ({
    n: Number(row.n),
    workflow: String(row.workflow),
    record: OBSERVED.read(row.record),
  }));
  const [counted] = all(
    'SELECT MAX(COALESCE((SELECT MAX(n) FROM observed), 0), COALESCE((SELECT MAX(upto) FROM finding), 0)) AS n',
  );
  return {
    workflows: all('SELECT * FROM workflow ORDER BY rowid').map((row) => readWorkflow(sql, row)),
    verifiers: all('SELECT * FROM verifier ORDER BY rowid').map(
      ({ id, n }) => [String(id), Number(n)] as const,
    ),
    counted: Number(counted?.n ?? 0),
    denials: denials.filter(({ record }) => !record.allowed),
    overruns: all('SELECT * FROM overrun ORDER BY gen').map(({ workflow, gen, record }) => ({
      workflow: String(workflow),
      gen: Number(gen),
      record: String(record),
    })),
    leases: all('SELECT * FROM lease ORDER BY rowid').map((row) => ({
      id: String(row.id),
      workflow: String(row.workflow),
      tool: String(row.tool),
      calls: Number(row.calls),
      expires: Number(row.expires),
      state: String(row.state) as Lease['state'],
    })),
    charges: all('SELECT * FROM charge ORDER BY rowid').map((row) => {
      const answer = ANSWER.read(row.answer);
      const charge = { nonce: String(row.nonce), at: Number(row.at) };
      return { ...charge, ...(!answer.ok && { refusal: answer.error }) };
    }),
    labels: [],
    history: EMPTY_HISTORY,
    rows: {},
  };
}

function readWorkflow(sql: SqlStorage, row: StoredRow): StoredWorkflow {
  const start = START.read(row.start);
  const id = String(row.id);
  const mints = sql.exec('SELECT block, at, expires FROM mint WHERE workflow = ?', id).toArray();
  const first = mints.find(({ block }) => start.blocks.includes(String(block)));
  const meters = sql.exec('SELECT * FROM meter WHERE workflow = ? ORDER BY key', id).toArray();
  return {
    start,
    ...(first && { minted: Number(first.at) }),
    state: String(row.state) as WorkflowState,
    ordered: String(row.ordered) as WorkflowState,
    gen: Number(row.gen),
    depth: Number(row.depth),
    ends: Number(row.ends),
    idleSeconds: Number(row.idle),
    activeAt: Number(row.active_at),
    tokensEnd: Math.max(start.expires, ...mints.map(({ expires }) => Number(expires))),
    ...(row.suspended_by !== null && { suspendedBy: String(row.suspended_by) as ActorKind }),
    ...(row.grace_ends !== null && { graceEnds: Number(row.grace_ends) }),
    ...(row.ended_at !== null && { endedAt: Number(row.ended_at) }),
    meters: meters.map((meter) => ({
      key: String(meter.key),
      limit: Number(meter.budget),
      share: Number(meter.share),
      used: Number(meter.used),
      carved: Number(meter.carved),
      leased: Number(meter.leased),
    })),
  };
}

/** Every mint except those that a workflow began with, which its `start` describes. */
function furtherMints(sql: SqlStorage, workflows: readonly StoredWorkflow[]): readonly StoredRow[] {
  const first = new Set(
    workflows.flatMap(({ start, minted }) => (minted === undefined ? [] : start.blocks)),
  );
  return sql
    .exec('SELECT * FROM mint LEFT JOIN granted USING (block) ORDER BY mint.rowid')
    .toArray()
    .filter(({ block }) => !first.has(String(block)))
    .map(
      ({ workflow, block, at, expires, added, grants, bounds }) =>
        ({
          workflow,
          block,
          at,
          expires,
          added,
          grants,
          bounds: bounds ?? BOUNDS.write({}),
        }) as StoredRow,
    );
}
