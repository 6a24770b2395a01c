import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { archiveWeather, exposeArchive } from './model/archive-weather.ts';
import { photograph } from './model/photograph.ts';
import { archive, follow, log, question, restartLog, seconds, workflow } from './scene.ts';

afterEach(() => reset());

test('a restored log recovers what it lost, in a new epoch', async () => {
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
  const { feed: second } = await follow();
  expect(await second.refresh()).toMatchObject({ ok: true, value: { epoch: 2 } });
  for (const copy of [feed, second]) {
    expect(copy.find(question('wf_before'))).toMatchObject({ by: 'workflow' });
    expect(copy.find(question('wf_lost'))).toMatchObject({ by: 'workflow' });
    expect(copy.find(question('wf_s'))).toMatchObject({ by: 'suspension' });
  }
});

test('no sequence number is used twice, before or after the restore', async () => {
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

test('a log continues after it was restored to its beginning, twice', async () => {
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

test('dead entries are not recovered', async () => {
  const restore = await photograph();
  await log().append(workflow('wf_dead', seconds() - 1));
  await log().append(workflow('wf_alive'));
  await restore();
  const { feed } = await follow();
  expect(await feed.refresh()).toMatchObject({ ok: true, value: { count: 1 } });
  expect(feed.find(question('wf_alive'))).toMatchObject({ by: 'workflow' });
});

test('a restart without a restore keeps the epoch', async () => {
  await log().append(workflow('wf_1'));
  await restartLog();
  expect(await log().append(workflow('wf_2'))).toMatchObject({ epoch: 1, seq: 2 });
});

test('an archive that is behind is brought up to date', async () => {
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

test('an archive that loses everything while the log runs gets everything again', async () => {
  await log().append(workflow('wf_1'));
  await runInDurableObject(archive(), (_archive, { storage }) => {
    storage.sql.exec('DELETE FROM kept');
    storage.sql.exec('DELETE FROM position');
  });
  expect(await log().append(workflow('wf_2'))).toMatchObject({ archived: true });
  expect(await archive().since(0, seconds())).toHaveLength(2);
});

test('an archive that was reset is reached again without a restart of the log', async () => {
  await log().append(workflow('wf_1'));
  await runInDurableObject(archive(), (_archive, state) => state.abort('reset')).catch(
    () => undefined,
  );
  await log().append(workflow('wf_2'));
  expect(await log().append(workflow('wf_3'))).toMatchObject({ archived: true });
});

test('an archive that hangs costs a bounded wait, and is brought up to date when it answers', async () => {
  const uncover = exposeArchive();
  try {
    await log().append(workflow('wf_1'));
    archiveWeather.now = 'hanging';
    expect(await log().append(workflow('wf_2'))).toMatchObject({ seq: 2, archived: false });
    archiveWeather.now = 'up';
    expect(await log().append(workflow('wf_3'))).toMatchObject({ seq: 3, archived: true });
  } finally {
    uncover();
  }
});

test('a lost alarm is set again when the log starts', async () => {
  await log().append(workflow('wf_1'));
  const alarmOf = () => runInDurableObject(log(), (_log, { storage }) => storage.getAlarm());
  await runInDurableObject(log(), (_log, { storage }) => storage.deleteAlarm());
  await restartLog();
  expect(await alarmOf()).toBeNull();
  await log().head();
  expect(await alarmOf()).toBeGreaterThan(Date.now());
});

test('an epoch that the archive does not know is copied in pages over what it has', async () => {
  const drafts = Array.from({ length: 1_024 }, (_, n) => workflow(`wf_${n}`));
  await log().appendAll(drafts);
  const restore = await photograph();
  await log().append(workflow('wf_lost'));
  await restore();
  await log().head();
  await restartLog();
  expect(await log().append(workflow('wf_next'))).toEqual({ epoch: 2, seq: 1_026, archived: true });
  expect(await archive().position()).toMatchObject({ epoch: 2, seq: 1_026 });
});
