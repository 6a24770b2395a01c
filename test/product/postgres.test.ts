/** Scopes of retrievals as filters of a real PostgreSQL, which is a package of some 27 MB. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { effort } from '../effort.ts';
import { scopeOf, tokenOf } from '../unit/verifier/scope/decided.ts';
import { COLUMNS, row, sample } from '../unit/verifier/scope/generate.ts';
import { emptyFolder, remove, runIn } from './consumer.ts';

const PGLITE = '@electric-sql/pglite@0.5.17';
const INSTALL_MILLISECONDS_MAX = 300_000;
const RUNS = effort(150, 1_000);

interface Database {
  exec(statements: string): Promise<unknown>;
  query<T>(statement: string, parameters?: readonly unknown[]): Promise<{ readonly rows: T[] }>;
  close(): Promise<void>;
}

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await emptyFolder();
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'postgres', private: true }),
  );
  await runIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', PGLITE]);
  const entry = join(folder, 'node_modules/@electric-sql/pglite/dist/index.js');
  const { PGlite } = (await import(entry)) as { readonly PGlite: new () => Database };
  database = new PGlite();
  // A collation that ignores case would widen a comparison that uses the column's own.
  await database
    .exec(
      "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);",
    )
    .catch(() => database.exec('CREATE COLLATION folded FROM "C";'));
  await database.exec(
    'CREATE TABLE docs (id int, dataset text COLLATE folded, owner text COLLATE folded, ' +
      'kind varchar(64), price double precision, secret boolean)',
  );
}, INSTALL_MILLISECONDS_MAX);
afterAll(async () => {
  await database?.close();
  await remove(folder);
});

test(
  'a filter for PostgreSQL returns exactly the rows of the predicate',
  async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        sample(true),
        fc.array(row, { minLength: 30, maxLength: 30 }),
        async (it, rows) => {
          const scope = await scopeOf(await tokenOf(it), it);
          const predicate = scope?.predicate(COLUMNS);
          const filter = scope?.postgres({ ...COLUMNS, table: 'docs' }, 2);
          if (!predicate?.ok || !filter?.ok) return;
          await database.query('DELETE FROM docs');
          for (const [id, { dataset, owner, kind, price, secret }] of rows.entries()) {
            await database.query('INSERT INTO docs VALUES ($1, $2, $3, $4, $5, $6)', [
              ...[id, dataset, owner, kind, price, secret],
            ]);
          }
          const { sql, parameters } = filter.value;
          const result = await database.query<{ readonly id: number }>(
            `SELECT id FROM docs WHERE id >= $1 AND ${sql} ORDER BY id`,
            [0, ...parameters],
          );
          const wanted = rows.flatMap((one, id) => (predicate.value(one) ? [id] : []));
          expect(
            result.rows.map(({ id }) => id),
            JSON.stringify([filter.value, scope?.bounds, rows]),
          ).toEqual(wanted);
          found += wanted.length;
        },
      ),
      { numRuns: RUNS, seed: 1 },
    );
    expect(found).toBeGreaterThan(RUNS);
  },
  INSTALL_MILLISECONDS_MAX,
);
