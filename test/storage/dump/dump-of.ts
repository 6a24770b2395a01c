/** Returns the storage of one class of objects as SQL statements that recreate it. */
export interface Dump {
  readonly object: string;
  /** With indexes. */
  tables: readonly string[];
  /** After the rows: a trigger would refuse the row of a living workflow. */
  triggers: readonly string[];
  readonly instances: {
    readonly name: string;
    /** Unix milliseconds; null if none is set. */
    readonly alarm: number | null;
    readonly rows: readonly string[];
  }[];
}

export async function addTo(
  dump: Dump,
  name: string,
  storage: DurableObjectStorage,
): Promise<void> {
  const made = storage.sql
    .exec(
      `SELECT type, name, sql FROM sqlite_master
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
         AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .toArray();
  const of = (kind: string) => made.filter(({ type }) => type === kind);
  const created = (kind: string) => of(kind).map(({ sql }) => `${sql};`);
  dump.tables = [...created('table'), ...created('index')];
  dump.triggers = created('trigger');
  const rows = of('table').flatMap(({ name: table }) => {
    const cursor = storage.sql.exec(`SELECT * FROM "${table}"`);
    const columns = cursor.columnNames.join(', ');
    return [...cursor.raw()].map(
      (row) => `INSERT INTO ${table} (${columns}) VALUES (${row.map(literal).join(', ')});`,
    );
  });
  dump.instances.push({ name, alarm: await storage.getAlarm(), rows });
}

function literal(value: SqlStorageValue): string {
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`;
  const bytes = [...new Uint8Array(value)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `x'${bytes.join('')}'`;
}
