import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toMicros } from '../../../../src/capability/index.ts';
import { effort } from '../../../effort.ts';
import { isAllowed, scopeOf, tokenOf } from './decided.ts';
import { COLUMNS, oddRow, type Row, row, sample } from './generate.ts';
import { vectorizeMatches } from './vectorize-model.ts';

const RUNS = effort(150, 3_000);
const TIMEOUT = 600_000;

/** A value as its column would have it: SQLite has no booleans. */
const OWN_VALUES = [
  ['text', 'owner'],
  ['text', 'kind'],
  ['number', 'price'],
  ['boolean', 'secret'],
] as const;
const isOfColumns = (read: Row): boolean =>
  OWN_VALUES.every(([type, name]) => {
    const value = read[name];
    return value === null || typeof value === (type === 'text' ? 'string' : type);
  });

test(
  'a predicate allows exactly the rows whose call the verifier allows',
  async () => {
    let [allowed, denied] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        sample(true),
        fc.array(fc.oneof(row, oddRow), { minLength: 20, maxLength: 20 }),
        async (it, rows) => {
          const token = await tokenOf(it);
          const scope = await scopeOf(token, it);
          const predicate = scope?.predicate(COLUMNS);
          for (const read of rows) {
            const wanted = isOfColumns(read) && (await isAllowed(token, it, read));
            if (!scope) expect(wanted).toBe(false);
            else if (predicate?.ok) {
              if (!isOfColumns(read)) continue;
              expect(predicate.value(read), JSON.stringify([read, scope.bounds])).toBe(wanted);
            } else expect(predicate?.error.code).toBe('bound_unmapped');
            if (wanted) allowed++;
            else denied++;
          }
        },
      ),
      { numRuns: RUNS, seed: 1 },
    );
    expect(allowed).toBeGreaterThan(RUNS / 3);
    expect(denied).toBeGreaterThan(RUNS);
  },
  TIMEOUT,
);

test(
  'a filter for SQLite returns exactly the rows of the predicate',
  async () => {
    const database = new DatabaseSync(':memory:');
    // A column that ignores case would widen a comparison that uses its collation.
    database.exec(
      'CREATE TABLE docs (id INTEGER, dataset TEXT COLLATE NOCASE, owner TEXT COLLATE NOCASE, ' +
        'kind TEXT COLLATE RTRIM, price, secret)',
    );
    const insert = database.prepare('INSERT INTO docs VALUES (?, ?, ?, ?, ?, ?)');
    let found = 0;
    await fc.assert(
      fc.asyncProperty(
        sample(true),
        fc.array(row, { minLength: 30, maxLength: 30 }),
        async (it, rows) => {
          const scope = await scopeOf(await tokenOf(it), it);
          if (!scope) return;
          const predicate = scope.predicate(COLUMNS);
          const filter = scope.sqlite({ ...COLUMNS, table: 'docs' });
          if (!predicate.ok) {
            expect(filter).toEqual(predicate);
            return;
          }
          if (!filter.ok) {
            expect(filter.error.code).toBe('bound_inexpressible');
            return;
          }
          database.exec('DELETE FROM docs');
          for (const [id, { dataset, owner, kind, price, secret }] of rows.entries()) {
            const flag = secret === null ? null : Number(secret);
            insert.run(
              id,
              dataset as string,
              owner as string,
              kind as string,
              price as number,
              flag,
            );
          }
          const statement = database.prepare(
            `SELECT id FROM docs WHERE ${filter.value.sql} ORDER BY id`,
          );
          const ids = statement.all(...filter.value.parameters).map(({ id }) => id);
          const wanted = rows.flatMap((one, id) => (predicate.value(one) ? [id] : []));
          expect(ids, JSON.stringify([filter.value, scope.bounds])).toEqual(wanted);
          found += ids.length;
        },
      ),
      { numRuns: RUNS, seed: 2 },
    );
    expect(found).toBeGreaterThan(RUNS);
  },
  TIMEOUT,
);

const PROPERTIES = {
  dataset: { folder: 'folder' },
  arguments: {
    '/owner': { name: 'owner', form: 'path' },
    '/filter/kind': 'kind',
    '/price': { name: 'price', type: 'number', form: 'millionths' },
    '/secret': { name: 'secret', type: 'boolean' },
  },
} as const;
const LEVELS = { ...PROPERTIES, dataset: { levels: ['one', 'two', 'three'] } } as const;

/** A row of an index that keeps what its forms say. */
const isMillionths = ({ price }: Row): boolean =>
  typeof price !== 'number' || toMicros(price) !== undefined;

function metadataOf({ dataset, ...rest }: Row): Record<string, never> {
  const segments = String(dataset).split('/');
  const levels = Object.fromEntries(
    ['one', 'two', 'three'].flatMap((name, index) =>
      index < segments.length ? [[name, segments.slice(0, index + 1).join('/')]] : [],
    ),
  );
  return { ...rest, ...levels, folder: `${String(dataset)}/` } as unknown as Record<string, never>;
}

test.each([
  ['one dataset', PROPERTIES],
  ['datasets of one depth', LEVELS],
])(
  'a filter for Vectorize of %s finds exactly the rows of the predicate',
  async (_, properties) => {
    let [found, filters] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        sample(true),
        fc.array(row.filter(isMillionths), { minLength: 30, maxLength: 30 }),
        async (it, rows) => {
          const whole = await scopeOf(await tokenOf(it), it);
          for (const scope of whole?.split() ?? []) {
            const predicate = scope.predicate(COLUMNS);
            const filter = scope.vectorize(properties);
            if (!predicate.ok || !filter.ok) continue;
            filters++;
            const ids = rows.filter((one) => vectorizeMatches(filter.value, metadataOf(one)));
            expect(ids, JSON.stringify([filter.value, scope.bounds])).toEqual(
              rows.filter(predicate.value),
            );
            found += ids.length;
          }
        },
      ),
      { numRuns: RUNS, seed: 3 },
    );
    expect(filters).toBeGreaterThan(RUNS / 10);
    expect(found).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT,
);

test(
  'the scopes of a split scope are together the whole, and no row is in two of them',
  async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(sample(true), fc.array(row, { minLength: 20 }), async (it, rows) => {
        const whole = await scopeOf(await tokenOf(it), it);
        const predicate = whole?.predicate(COLUMNS);
        if (!whole || !predicate?.ok) return;
        const parts = whole.split().map((part) => part.predicate(COLUMNS));
        for (const one of rows) {
          const inside = parts.filter((part) => part.ok && part.value(one));
          expect(inside.length).toBe(predicate.value(one) ? 1 : 0);
          count += inside.length;
        }
      }),
      { numRuns: RUNS, seed: 4 },
    );
    expect(count).toBeGreaterThan(RUNS / 2);
  },
  TIMEOUT,
);
