import {
  createExecutionContext,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { utf8 } from '../../../../src/encoding.ts';
import {
  decodeBundle,
  frontierRoot,
  leafHash,
  type Policy,
  readFrontier,
  readPolicy,
  rootOf,
  tilePath,
  verifyCheckpoint,
} from '../../../../src/tlog/index.ts';
import { faultsOfTree } from '../../../../workers/issuer/feed/health.ts';
import { createIssuer } from '../../../../workers/issuer/index.ts';
import { archiveOf, type IssuerEnv } from '../../../../workers/issuer/platform/env.ts';
import { archiveWeather, exposeArchive } from './model/archive-weather.ts';
import { photograph } from './model/photograph.ts';
import {
  archive,
  env,
  follow,
  get,
  log,
  question,
  restartLog,
  seconds,
  workflow,
} from './scene.ts';
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
function policy(): Policy {
  const read = readPolicy(scene.policy);
  if (!read.ok) throw new Error('the policy of the scene cannot be read');
  return read.value;
}
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
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq)).toBe(1);
});

test('the witnesses cosign again what they cosigned in an answer that was lost', async () => {
  const feed = await scene.follow();
  await feed.refresh();
  scene.weather.fill('lost');
  await log().append(workflow('wf_1'));
  await feed.refresh();
  expect(feed.head?.seq).toBe(0);
  scene.weather.fill('up');
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq)).toBe(1);
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
    await expect.poll(() => feed.refresh().then(() => feed.head?.seq)).toBe(1);
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
    .poll(() => feed.refresh().then(() => feed.head?.extensions))
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
  await expect.poll(() => feed.refresh().then(() => feed.head?.seq)).toBe(2);
  expect(await leaves()).toBe(2);
});

test('serves its checkpoint and tree to anyone, as far as the checkpoint covers it', async () => {
  const path = (rest: string) => `${scene.origin.replace(/^[^/]*/, '')}/${rest}`;
  expect((await get(path('checkpoint'))).status).toBe(404);
  const feed = await scene.follow();
  await feed.refresh();
  await log().appendAll(Array.from({ length: 300 }, (_, n) => workflow(`wf_${n}`)));
  await feed.refresh();
  const checkpoint = await get(path('checkpoint'));
  expect(checkpoint.headers.get('cache-control')).toBe('no-cache');
  const read = await verifyCheckpoint(await checkpoint.text(), policy());
  if (!read.ok) throw new Error(read.error);
  const { size, root, cosigned } = read.value;
  expect([...cosigned.keys()]).toEqual(['w0', 'w1', 'w2']);
  const bytes = async (rest: string) => new Uint8Array(await (await get(path(rest))).arrayBuffer());
  const leaves = [
    ...(decodeBundle(await bytes('tile/entries/000')) ?? []),
    ...(decodeBundle(await bytes(`tile/entries/001.p/${size - 256}`)) ?? []),
  ];
  expect(leaves).toHaveLength(size);
  expect(rootOf(leaves.map(leafHash))).toEqual(root);
  const frontier = await readFrontier(size, (tile) => bytes(tilePath(tile)));
  expect(frontierRoot(frontier)).toEqual(root);
  for (const rest of [
    ...[`tile/0/001.p/${size - 255}`, `tile/entries/001.p/${size - 255}`, 'tile/0/001'],
    ...['tile/1/000', 'tile/0/1', 'tile/x/000', 'tile/64/000', 'tile/entries/', 'tile/0/000.p/0'],
  ]) {
    expect((await get(path(rest))).status, rest).toBe(404);
  }
  for (const shard of ['1', '00', 'v2', '-1', '99999999999']) {
    expect((await get(`/feed/${shard}/checkpoint`)).status, shard).toBe(404);
  }
});

test('says what each witness has seen, and which ones do not answer', async () => {
  await scene.undo();
  expect((await log().status()).tree).toBeUndefined();
  scene = await withWitnesses();
  await (await scene.follow()).refresh();
  const seen = (await log().status()).tree;
  expect(seen?.witnesses.map(({ name }) => name)).toEqual(['w0', 'w1', 'w2']);
  expect(seen?.witnesses.every(({ size }) => size === seen.size)).toBe(true);
  expect(seen?.seenAt).toBeGreaterThanOrEqual(seconds() - 5);
  expect(faultsOfTree(seen)).toEqual([]);
  await restartLog();
  expect((await log().status()).tree).toEqual(seen);
  scene.weather[0] = 'down';
  await log().append(workflow('wf_1'));
  await (await scene.follow()).refresh();
  const one = (await log().status()).tree;
  expect(one?.witnesses[0]).toMatchObject({ size: seen?.size, fault: 'TypeError' });
  expect(faultsOfTree(one)).toEqual(['witness_silent']);
  scene.weather.fill('down');
  await log().append(workflow('wf_2'));
  await (await scene.follow()).refresh();
  expect(faultsOfTree((await log().status()).tree)).toEqual(['quorum_missing', 'witness_silent']);
  const witnessed = { ...env, WITNESSES: scene.policy } as IssuerEnv;
  const request = new Request('https://issuer.example/readyz');
  const answer = await createIssuer().fetch(request, witnessed, createExecutionContext());
  const { checks } = (await answer.json()) as { readonly checks: readonly unknown[] };
  expect(checks).toContainEqual({
    name: 'witnesses',
    ok: false,
    subject: 'shard 0',
    advice: expect.stringContaining('hewn doctor'),
  });
});
