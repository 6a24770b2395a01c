import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { begin, complete, NOW, ROOT, record, root, start } from './life.scene.ts';

/** How many rows a workflow writes, and how many bytes it takes. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW * 1000 });
});
afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

/** Counts the rows that the root's object writes, as the platform bills them, and its alarms. */
async function countRows(): Promise<{ readonly rows: () => number }> {
  let rows = 0;
  await runInDurableObject(root(), (_object, { storage }) => {
    const { sql } = storage;
    const exec = sql.exec.bind(sql);
    const setAlarm = storage.setAlarm.bind(storage);
    const counting = (text: string, ...values: SqlStorageValue[]) => {
      const cursor = exec(text, ...values);
      const result = { rows: cursor.toArray() };
      rows += cursor.rowsWritten;
      return {
        toArray: () => result.rows,
        one: () => {
          if (result.rows.length !== 1) throw new Error('not one row');
          return result.rows[0];
        },
      };
    };
    Object.assign(sql, { exec: counting });
    Object.assign(storage, {
      setAlarm: (at: number) => {
        rows += 1;
        return setAlarm(at);
      },
    });
  });
  return { rows: () => rows };
}

const bytes = () => runInDurableObject(root(), (_object, { storage }) => storage.sql.databaseSize);

const READ = 'mcp/files/read_text_file';
const BUDGETS = { calls: 1_000, tools: [{ tool: 'mcp/mail/send_message', calls: 10 }] };
const GRANTS = [
  { tool: READ, action: 'read' as const, dataset: 'files/reports' },
  { tool: 'mcp/files/write_file', action: 'write' as const, dataset: 'files/summaries' },
];
const decisions = (count: number) =>
  Array.from({ length: count }, () =>
    record({ tool: READ, datasets: ['files/reports/2026/q3.md'], agent: 'agent' }),
  );
const lease = (id: string) => root().lease({ workflow: ROOT, tool: READ, lease: id });

async function whole(batches: readonly number[]): Promise<number> {
  const counted = await countRows();
  const before = counted.rows();
  expect(before).toBe(0);
  await root().begin(start(ROOT, { grants: GRANTS, budgets: BUDGETS, ends: NOW + 8 * 3_600 }));
  expect(counted.rows()).toBe(4);
  await root().continue({ ...start(), grants: GRANTS, blocks: ['cd'.repeat(64)] });
  await lease('lease of the verifier');
  for (const size of batches) await root().observe(decisions(size));
  await root().settle('lease of the verifier', 20);
  expect(await bytes()).toBeLessThanOrEqual(16_384);
  await complete();
  vi.setSystemTime((NOW + 3_602) * 1000);
  await runDurableObjectAlarm(root());
  expect(await root().view(ROOT)).toBeUndefined();
  return counted.rows();
}

describe('a workflow with 20 decisions, a renewal, a lease and its end writes at most', () => {
  test('40 rows if each decision is reported by itself', async () => {
    expect(await whole(Array(20).fill(1))).toBeLessThanOrEqual(40);
  });

  test('24 rows if they are reported together', async () => {
    expect(await whole([20])).toBeLessThanOrEqual(24);
  });
});

test('a workflow with 20 decisions takes at most 12 KB with its alarm', async () => {
  const long = {
    agent: 'https://idp.example/tenants/acme#nightly-report-agent',
    subject: 'https://idp.example/users/alice@example.com',
    owner: 'team:growth',
    task: 'quarterly churn report for the board meeting in November',
    holder: 'A'.repeat(43),
    blocks: ['ab'.repeat(64)],
  };
  await root().begin(start(ROOT, { ...long, grants: GRANTS, budgets: BUDGETS }));
  await lease('A'.repeat(22));
  await root().observe(decisions(20));
  const alarm = await runInDurableObject(root(), (_object, { storage }) => storage.getAlarm());
  expect(alarm).not.toBeNull();
  expect(await bytes()).toBeLessThanOrEqual(12_288);
});

test('an object that is only asked stores nothing', async () => {
  const counted = await countRows();
  expect(await root().view(ROOT)).toBeUndefined();
  expect(await root().parties([ROOT])).toEqual([]);
  await root().observe(decisions(3));
  await root().settle('unknown', 3);
  expect(counted.rows()).toBe(0);
  await begin();
  expect(counted.rows()).toBeGreaterThan(0);
});
