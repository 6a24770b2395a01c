import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { Schema } from '../../../workers/issuer/platform/sqlite.ts';
import {
  flag,
  integer,
  json,
  nullable,
  table,
  text,
} from '../../../workers/issuer/platform/table.ts';
import { SCHEMAS } from '../../../workers/issuer/schemas.ts';
import { START } from '../../../workers/issuer/workflow/columns.ts';

/** The tables of an object as SQLite creates them: column, type, and whether it may be null. */
function created({ steps }: Schema): Record<string, string[]> {
  const database = new DatabaseSync(':memory:');
  // With the first step that creates tables on demand, those of the steps before are dropped.
  const first = steps.findIndex(({ onDemand }) => onDemand);
  for (const { sql, adds = {}, onDemand } of steps.slice(Math.max(0, first))) {
    database.exec(sql);
    for (const statement of Object.values(onDemand?.tables ?? {}).flat()) database.exec(statement);
    for (const [name, columns] of Object.entries(adds)) {
      const known = columnsOf(database, name).map((column) => column.split(' ')[0]);
      for (const column of columns.filter((one) => !known.includes(one.split(' ')[0]))) {
        database.exec(`ALTER TABLE ${name} ADD COLUMN ${column}`);
      }
    }
  }
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name));
  return Object.fromEntries(names.map((name) => [name, columnsOf(database, name)]));
}

const columnsOf = (database: DatabaseSync, name: string): string[] =>
  database
    .prepare(`PRAGMA table_info("${name}")`)
    .all()
    .map((column) => `${column.name} ${column.type}${column.notnull || column.pk ? '' : ' null'}`);

test.each(SCHEMAS)('the tables of $object are declared as its SQL creates them', (schema) => {
  const declared = schema.tables.map(({ name, columns }) => [
    name,
    Object.entries(columns).map(
      ([column, { type, isNullable }]) => `${column} ${type}${isNullable ? ' null' : ''}`,
    ),
  ]);
  expect(Object.fromEntries(declared)).toEqual(created(schema));
});

test('reads a stored row with the types of its columns', () => {
  const things = table('thing', {
    n: integer('A number.'),
    name: text('A name.'),
    note: nullable(text('A note.')),
    done: flag('Whether it is done.'),
  });
  expect(things.read({ n: 3, name: 'a', note: null, done: 1 })).toEqual({
    n: 3,
    name: 'a',
    note: undefined,
    done: true,
  });
});

test('refuses a row whose JSON has an unknown form, and names the column', () => {
  const workflows = table('workflow', { start: json(START, 'The facts it began with.') });
  expect(() => workflows.read({ start: '{"v":9,"value":{}}' })).toThrow(/workflow\.start/);
});
