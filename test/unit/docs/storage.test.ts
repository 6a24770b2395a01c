import { expect, test } from 'vitest';
import type { SchemaStep } from '../../../workers/issuer/platform/sqlite.ts';
import { SCHEMAS } from '../../../workers/issuer/schemas.ts';
import { readProjectFile, tableRows } from './markdown.ts';

const sections = (await readProjectFile('docs/reference/storage.md')).split(/^###? /m);

test.each(SCHEMAS)(
  'docs/reference/storage.md has every table and column of $object',
  ({ steps }) => {
    const tables = columnsOf(steps);
    expect(tables.size).toBeGreaterThan(0);
    for (const [table, columns] of tables) {
      const section = sections.find((text) => text.startsWith(`Table \`${table}\``)) ?? '';
      expect(tableRows(section).map(([column]) => column)).toEqual(['column', ...columns]);
    }
  },
);

test('docs/reference/storage.md says which release brought which version of each schema', () => {
  const section = sections.find((text) => text.startsWith('Versions')) ?? '';
  const rows = tableRows(section).slice(1);
  expect(rows.map(([release, object, version]) => `${release} ${object} ${version}`)).toEqual(
    SCHEMAS.flatMap(({ object, steps }) =>
      steps.map(({ release }, i) => `${release} ${object} ${i + 1}`),
    ).sort(byRelease),
  );
  for (const [, , , change = ''] of rows) expect(change.length).toBeGreaterThan(10);
});

/** By table its columns in order, those that later steps added last. */
function columnsOf(all: readonly SchemaStep[]): Map<string, string[]> {
  // The first step with tables on demand drops those of the steps before.
  const steps = all.slice(
    Math.max(
      0,
      all.findIndex(({ onDemand }) => onDemand),
    ),
  );
  const onDemand = steps.flatMap((step) => Object.values(step.onDemand?.tables ?? {}).flat());
  const sql = [...steps.map((step) => step.sql), ...onDemand].join('\n');
  const tables = new Map<string, string[]>();
  const bodies = /CREATE TABLE IF NOT EXISTS (\w+) \(\n([\s\S]*?)\n +\) STRICT/g;
  for (const [, table = '', body = ''] of sql.matchAll(bodies)) {
    const columns = body.matchAll(/^ +([a-z_]+) +(?:INTEGER|TEXT|BLOB|REAL)/gm);
    tables.set(
      table,
      [...columns].map(([, column = '']) => column),
    );
  }
  for (const [table, added] of steps.flatMap(({ adds = {} }) => Object.entries(adds))) {
    const columns = tables.get(table) ?? [];
    for (const [column = ''] of added.map((text) => text.split(' '))) {
      if (!columns.includes(column)) columns.push(column);
    }
  }
  return tables;
}

const byRelease = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });
