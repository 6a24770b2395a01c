import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { utf8 } from '../../../../src/encoding.ts';
import { archiveOf } from '../../../../workers/issuer/platform/env.ts';
import { archiveWeather, exposeArchive } from './model/archive-weather.ts';
import { photograph } from './model/photograph.ts';
import { archive, env, follow, log, question, restartLog, seconds, workflow } from './scene.ts';
import { type WitnessedScene, withWitnesses } from './witnessed.ts';

let scene: WitnessedScene;

beforeEach(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  scene = await withWitnesses();
});
afterEach(async () => {
  await scene.undo();
  await reset();
  vi.restoreAllMocks();
});

const leaves = () =>
  runInDurableObject(log(), (_log, { storage }) =>
    Number(storage.sql.exec('SELECT COUNT(*) AS count FROM leaf').one().count),
  );
const sizes = () => scene.memories.map((memory) => memory.newest(scene.origin)?.size);

test('a head carries what a quorum has seen, and a verifier that demands it follows', async () => {
  await log().append(workflow('wf_1'));
  const feed = await scene.follow();
  expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 1 } });
  expect(feed.head?.issued_at).toBeGreaterThanOrEqual(seconds() - 2);
  expect(feed.find(question('wf_1'))).toMatchObject({ by: 'workflow' });
  expect(new Set(sizes()).size).toBe(1);
});

test('a tree of several tiles proves each position', async () => {
  const many = Array.from({ length: 700 }, (_, n) => workflow(`wf_${n}`));
  await log().appendAll(many);
  const feed = await scene.follow();
  expect(await feed.refresh()).toMatchObject({ ok: true, value: { seq: 700 } });
  expect(feed.head?.seq).toBe(700);
  await log().append(workflow('wf_last'));
  await feed.refresh();
  expect(feed.head?.seq).toBe(701);
});

test('a revocation counts without the witnesses, and the head follows when they are back', async () => {
  const feed = await scene.follow();
  await feed.refresh();
  const before = feed.head;
  scene.weather.fill('down');
  await log().append(workflow('wf_1'));
  expect((await feed.refresh()).ok).toBe(true);
  expect(feed.find(question('wf_1'))).toMatchObject({ by: 'workflow' });
  expect(feed.head).toEqual(before);
  scene.weather.fill('up');
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq), { timeout: 9_000 }).toBe(1);
});

test('the witnesses cosign again what they cosigned in an answer that was lost', async () => {
  const feed = await scene.follow();
  await feed.refresh();
  scene.weather.fill('lost');
  await log().append(workflow('wf_1'));
  await feed.refresh();
  expect(feed.head?.seq).toBe(0);
  scene.weather.fill('up');
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq), { timeout: 9_000 }).toBe(1);
});

test('a restored log takes its leaves back from the archive, and no witness sees a fork', async () => {
  await log().append(workflow('wf_before'));
  const feed = await scene.follow();
  await feed.refresh();
  const restore = await photograph();
  for (const n of [1, 2, 3]) {
    await log().append(workflow(`wf_lost_${n}`));
    await feed.refresh();
  }
  const [size] = sizes();
  await restore();
  expect(await leaves()).toBeLessThan(Number(size));
  await feed.refresh();
  expect(feed.head).toMatchObject({ epoch: 2 });
  expect(await leaves()).toBeGreaterThanOrEqual(Number(size));
  expect(sizes().every((one) => Number(one) > Number(size))).toBe(true);
  const fresh = await scene.follow();
  await fresh.refresh();
  expect(fresh.head).toMatchObject({ epoch: 2 });
  for (const n of [1, 2, 3]) {
    expect(fresh.find(question(`wf_lost_${n}`))).toMatchObject({ by: 'workflow' });
  }
});

test('a log that lost leaves together with its archive signs no second history', async () => {
  const feed = await scene.follow();
  await feed.refresh();
  await log().append(workflow('wf_1'));
  await feed.refresh();
  const before = feed.head;
  for (const object of [log(), archive()]) {
    await runInDurableObject(object as never, (_object, { storage }) => {
      storage.sql.exec('DROP TRIGGER leaf_stays');
      storage.sql.exec('DELETE FROM leaf WHERE number > 1');
    });
  }
  await runInDurableObject(log(), (_log, { storage }) => {
    storage.sql.exec('DELETE FROM tile');
  });
  await restartLog();
  await log().append(workflow('wf_2'));
  await feed.refresh();
  expect(feed.head?.seq).toBe(before?.seq);
  expect(feed.find(question('wf_2'))).toMatchObject({ by: 'workflow' });
  // A verifier that demands no witnesses is not affected.
  const plain = await follow();
  expect(await plain.feed.refresh()).toMatchObject({ ok: true, value: { seq: 2 } });
});

test('nothing is signed that the archive does not have', async () => {
  const feed = await scene.follow();
  await feed.refresh();
  const uncover = exposeArchive();
  try {
    archiveWeather.now = 'down';
    await log().append(workflow('wf_1'));
    await feed.refresh();
    expect(feed.head?.seq).toBe(0);
    expect(feed.find(question('wf_1'))).toMatchObject({ by: 'workflow' });
    archiveWeather.now = 'up';
    await expect.poll(() => feed.refresh().then(() => feed.head?.seq), { timeout: 9_000 }).toBe(1);
  } finally {
    uncover();
  }
});

test('a head carries the newest checkpoint of the audit logs', async () => {
  const note = 'issuer.example/audit/root\n0\nroot\n\n— issuer.example/audit/root AAAAAA==\n';
  await archiveOf(env, 'root').create('checkpoint', utf8(note));
  await log().append(workflow('wf_1'));
  const feed = await scene.follow();
  const audit = { name: 'audit', version: 1, critical: false, value: { note } };
  await expect
    .poll(() => feed.refresh().then(() => feed.head?.extensions), { timeout: 9_000 })
    .toEqual([audit, expect.objectContaining({ name: 'checkpoint' })]);
});

test('an archive that loses its leaves gets them again', async () => {
  await log().append(workflow('wf_1'));
  const feed = await scene.follow();
  await feed.refresh();
  await runInDurableObject(archive(), (_archive, { storage }) => {
    storage.sql.exec('DROP TRIGGER leaf_stays');
    storage.sql.exec('DELETE FROM leaf WHERE number > 0');
  });
  await restartLog();
  await log().append(workflow('wf_2'));
  await feed.refresh();
  expect(feed.head?.seq).toBe(2);
  expect(await archive().leafCount()).toBe(await leaves());
});

test('a snapshot gets a position of its own, once', async () => {
  await log().append(workflow('wf_1'));
  await runDurableObjectAlarm(env.REVOCATION_LOG.getByName('default'));
  const feed = await scene.follow();
  await feed.refresh();
  const made = feed.head?.snapshot?.seq;
  expect(made).toBeGreaterThan(0);
  for (let round = 0; round < 3; round++) {
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE snapshot_reference SET made_at = 0');
    });
    await runDurableObjectAlarm(env.REVOCATION_LOG.getByName('default'));
    await feed.refresh();
    // The entry for the snapshot is not worth another one.
    expect(feed.head?.snapshot?.seq).toBe(made);
  }
  const fresh = await scene.follow();
  await fresh.refresh();
  expect(fresh.head?.seq).toBe(feed.head?.seq);
  expect(fresh.find(question('wf_1'))).toMatchObject({ by: 'workflow' });
});

test('a log that had no witnesses before begins its tree where it is', async () => {
  await scene.undo();
  await log().append(workflow('wf_1'));
  await log().append(workflow('wf_2'));
  const plain = await follow();
  await plain.feed.refresh();
  expect(await leaves()).toBe(0);
  vi.restoreAllMocks();
  scene = await withWitnesses();
  const feed = await scene.follow();
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq), { timeout: 9_000 }).toBe(2);
  expect(await leaves()).toBe(2);
});
