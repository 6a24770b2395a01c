import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import type { DecisionRecord } from '../../../../src/audit/index.ts';
import { receiveRecords } from '../../../../workers/issuer/audit/receive-records.ts';
import { activity } from '../../../../workers/issuer/platform/env.ts';
import { AGENT, admin, askForToken, env, OWNER, READ } from '../token.scene.ts';

/** Two hundred workflows at once, with calls, denials and stops. */
afterEach(() => reset());

const WORKFLOWS = 200;
const CALLS = 5;
const DENIED_OF_CALLS = 1;
const REVOKED = 20;

const recordOf = (workflow: string, n: number): DecisionRecord => ({
  event: 'decision',
  id: `gw.${n}`,
  verifier: 'gw',
  n,
  at: Date.now(),
  workflow,
  agent: AGENT,
  subject: AGENT,
  owner: OWNER,
  task: 'test',
  blocks: ['00', String(n)],
  tool: READ,
  action: 'read',
  datasets: ['files/reports/q3.md'],
  allowed: n % CALLS !== 0,
  ...(n % CALLS === 0 && { code: 'no_grant', detail: {} }),
});

test('the index agrees with the logs after 200 workflows at once', {
  timeout: 120_000,
}, async () => {
  const begun = await Promise.all(Array.from({ length: WORKFLOWS }, () => askForToken([READ])));
  const ids = begun.map(({ workflow }) => workflow);
  await Promise.all(
    ids.map(async (id, place) => {
      const first = place * CALLS + 1;
      await receiveRecords(
        env,
        Array.from({ length: CALLS }, (_, n) => recordOf(id, first + n)),
      );
      if (place % 20 === 0) await admin('changes');
      if (place < REVOKED) await admin(`workflows/${id}/revoke`, { reason: 'test' });
    }),
  );
  const { body } = await admin('workflows?show=denied');
  expect(body.counts).toEqual({
    running: WORKFLOWS - REVOKED,
    stopped: REVOKED,
    waiting: 0,
    denied: WORKFLOWS * DENIED_OF_CALLS,
  });
  const { checked, differing } = await compareAll();
  expect(differing).toEqual([]);
  expect(checked).toBeGreaterThanOrEqual(2 * WORKFLOWS - REVOKED);
});

async function compareAll(): Promise<{ checked: number; differing: readonly unknown[] }> {
  const differing: unknown[] = [];
  let checked = 0;
  for (let after: unknown = ''; after !== undefined; ) {
    const part = await admin(`activity/compare${after === '' ? '' : `?after=${String(after)}`}`);
    differing.push(...(part.body.differing as unknown[]));
    checked += Number(part.body.checked);
    after = part.body.next;
  }
  return { checked, differing };
}

const ROWS_MAX = 50_000;

test('beyond its bound, the index drops the workflows that ended first, and none that lives', async () => {
  const living = await askForToken([READ]);
  await activity(env).follow();
  const now = Math.floor(Date.now() / 1000);
  const excess = 1_003;
  await runInDurableObject(activity(env), (_, { storage: { sql } }) => {
    sql.exec(
      `INSERT INTO activity (root, changed, state, state_at, began, ends, ended, mints, calls,
         denials, waiting)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       SELECT 'wf_' || i, 1, 'completed', 0, ?, ?, ? + i % 3600, 1, 0, 0, 0 FROM n`,
      ...[ROWS_MAX + excess - 1, now - 7_200, now - 7_000, now - 7_000],
    );
  });
  const endedFirst = now - 7_000;
  const count = () =>
    runInDurableObject(activity(env), (_, { storage: { sql } }) =>
      sql
        .exec(
          'SELECT COUNT(*) AS n, MIN(ended) AS first, SUM(ended IS NULL) AS living FROM activity',
        )
        .one(),
    );
  expect(await count()).toEqual({ n: ROWS_MAX + excess, first: endedFirst, living: 1 });
  // An object that was evicted has forgotten when it last deleted.
  await runInDurableObject(activity(env), (_, state) => state.abort('evicted')).catch(
    () => undefined,
  );
  await activity(env).follow();
  const after = await count();
  expect(after).toMatchObject({ n: ROWS_MAX, living: 1 });
  expect(Number(after.first)).toBeGreaterThan(endedFirst);
  expect((await activity(env).find([living.workflow]))[0]).toMatchObject({ id: living.workflow });
});

test('the index begins again when a log was restored to an earlier state', async () => {
  const ids = [(await askForToken([READ])).workflow, (await askForToken([READ])).workflow];
  await receiveRecords(env, [recordOf(ids[0] ?? '', 10_000)]);
  await activity(env).follow();
  const before = await activity(env).asOf();
  const { body } = await admin('changes');
  await runInDurableObject(activity(env), (_, { storage: { sql } }) => {
    // As if the index had read a record that the restored log does not have.
    sql.exec("UPDATE log_position SET next = next + 1 WHERE log = 'control'");
    sql.exec("UPDATE activity SET calls = 99, state = 'completed'");
    sql.exec("INSERT OR IGNORE INTO topic (name, changed) VALUES ('workflows', 1)");
  });
  await activity(env).follow();
  await activity(env).follow();
  expect((await activity(env).asOf()).epoch).toBe(before.epoch + 1);
  expect(await compareAll()).toMatchObject({ differing: [] });
  const rows = await activity(env).find(ids);
  expect(rows.map(({ id, calls }) => [id, calls]).toSorted()).toEqual(
    [
      [ids[0], 1],
      [ids[1], 0],
    ].toSorted(),
  );
  // A page that was open loads everything again.
  expect((await admin(`changes?after=${String(body.next)}`)).body).toMatchObject({ reload: true });
});
