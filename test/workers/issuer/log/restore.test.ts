import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { archive, follow, log, question, restartLog, seconds, workflow } from './scene.ts';

afterEach(() => reset());

type Row = Record<string, SqlStorageValue>;

/** What a point-in-time restore does: the rows of one object are as they were. */
async function photograph(): Promise<() => Promise<void>> {
  const tables = ['log', 'entry', 'snapshot', 'snapshot_reference'];
  const copy = await runInDurableObject(log(), (_log, { storage }) =>
    tables.map((table): [string, Row[]] => [
      table,
      storage.sql.exec(`SELECT * FROM ${table}`).toArray(),
    ]),
  );
  return async () => {
    await runInDurableObject(log(), (_log, { storage }) => {
      for (const { name } of storage.sql.exec(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
      ))
        storage.sql.exec(`DROP TRIGGER ${name}`);
      for (const [table, rows] of copy) {
        storage.sql.exec(`DELETE FROM ${table}`);
        for (const row of rows) {
          const columns = Object.keys(row);
          const marks = columns.map(() => '?').join(', ');
          storage.sql.exec(
            `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`,
            ...Object.values(row),
          );
        }
      }
    });
    await restartLog();
  };
}

test('a log that was taken back knows what it had lost, in a new epoch', async () => {
  await log().append(workflow('wf_before'));
  const restore = await photograph();
  await log().append(workflow('wf_lost'));
  await log().append({ kind: 'suspension', id: 'wf_s', gen: 1, at: 1, expires: seconds() + 600 });
  const { feed } = await follow();
  await feed.refresh();
  await restore();

  expect(await feed.refresh()).toMatchObject({
    ok: true,
    value: { epoch: 2, seq: 3, previous: { epoch: 1, seq: 3 } },
  });
  const { feed: anew } = await follow();
  expect(await anew.refresh()).toMatchObject({ ok: true, value: { epoch: 2 } });
  for (const copy of [feed, anew]) {
    expect(copy.find(question('wf_before'))).toMatchObject({ by: 'workflow' });
    expect(copy.find(question('wf_lost'))).toMatchObject({ by: 'workflow' });
    expect(copy.find(question('wf_s'))).toMatchObject({ by: 'suspension' });
  }
});

test('no number is given out twice, before or after the restore', async () => {
  await log().append(workflow('wf_1'));
  const restore = await photograph();
  await log().append(workflow('wf_2'));
  await log().append(workflow('wf_3'));
  await restore();
  expect(await log().append(workflow('wf_4'))).toEqual({ epoch: 2, seq: 4, archived: true });
  expect(await log().append(workflow('wf_2'))).toMatchObject({ epoch: 2, seq: 2 });
  const { feed } = await follow();
  expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 4 } });
  for (const id of ['wf_1', 'wf_2', 'wf_3', 'wf_4']) {
    expect(feed.find(question(id))).toMatchObject({ by: 'workflow' });
  }
});

test('taken back to its very beginning, and again, it goes on', async () => {
  const restore = await photograph();
  for (let round = 1; round <= 3; round++) {
    await log().append(workflow(`wf_${round}`));
    await restore();
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true, value: { epoch: round + 1 } });
    for (let id = 1; id <= round; id++) {
      expect(feed.find(question(`wf_${id}`))).toMatchObject({ by: 'workflow' });
    }
  }
});

test('what is dead by then is not brought back', async () => {
  const restore = await photograph();
  await log().append(workflow('wf_dead', seconds() - 1));
  await log().append(workflow('wf_alive'));
  await restore();
  const { feed } = await follow();
  expect(await feed.refresh()).toMatchObject({ ok: true, value: { count: 1 } });
  expect(feed.find(question('wf_alive'))).toMatchObject({ by: 'workflow' });
});

test('a restart without a restore stays in its epoch', async () => {
  await log().append(workflow('wf_1'));
  await restartLog();
  expect(await log().append(workflow('wf_2'))).toMatchObject({ epoch: 1, seq: 2 });
});

test('an archive that was left behind is caught up with', async () => {
  await log().append(workflow('wf_1'));
  await runInDurableObject(archive(), (_archive, { storage }) => {
    storage.sql.exec('DELETE FROM kept');
    storage.sql.exec('DELETE FROM position');
  });
  await restartLog();
  await log().append(workflow('wf_2'));
  expect(await archive().position()).toMatchObject({ epoch: 1, seq: 2 });
  expect(await archive().since(0, seconds())).toHaveLength(2);
});
