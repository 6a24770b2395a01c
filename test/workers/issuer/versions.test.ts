import {
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { catalogueHash, versionId } from '../../../src/version/index.ts';
import { revocationLog } from '../../../workers/issuer/platform/env.ts';
import { VERSIONS_KEPT_MAX, VERSIONS_MAX } from '../../../workers/issuer/version/rows.ts';
import { dueNow, endHanging, loseAudit } from './audit-weather.ts';
import {
  activate,
  activeId,
  CLOSED,
  env,
  load,
  numbered,
  recorded,
  sql,
  store,
  VERSION,
} from './versions.scene.ts';

afterEach(() => reset());

/** Takes the revocation log from the store until it is evicted. */
const loseLog = () =>
  runInDurableObject(store(), (object) => {
    const fails = () => Promise.reject(new Error('the log does not answer'));
    const lost = { getByName: () => new Proxy({}, { get: () => fails }) };
    Object.assign(object, { env: { ...env, REVOCATION_LOG: lost } });
  });
const evict = () => evictDurableObject(env.VERSIONS.getByName('default'));
const namedInHead = async () => {
  const { payload } = await revocationLog(env).head();
  return atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
};

describe('a loaded version', () => {
  test('is stored under its id, and loading it again changes nothing', async () => {
    const id = await load();
    expect(id).toBe(await versionId(VERSION));
    expect(await load()).toBe(id);
    expect(await recorded()).toEqual([`loaded ${id}`]);
    expect(await store().list()).toMatchObject([
      { id, files: ['policy/reports.datalog'], active: false, activeAt: null },
    ]);
    expect(await store().show(id)).toMatchObject(VERSION);
    expect(await activeId()).toBeUndefined();
    expect(await store().inForce()).toEqual({ id: undefined });
  });

  test('is refused with every fault if it does not load, and nothing changes', async () => {
    const broken = {
      policy: { 'policy/a.datalog': '\nallow if (', 'policy/b.datalog': 'deny if' },
      catalogue: VERSION.catalogue,
    };
    const loaded = await store().load({
      version: broken,
      source: 'deploy',
      actor: 'o',
      reason: 'r',
    });
    expect(loaded).toMatchObject({
      ok: false,
      error: {
        code: 'version_invalid',
        faults: [
          { file: 'policy/a.datalog', line: 2 },
          { file: 'policy/b.datalog', line: 1 },
        ],
      },
    });
    expect(await store().list()).toEqual([]);
    expect(await recorded()).toEqual([]);
  });

  test('is refused if it has another form', async () => {
    const refused = await store().load({ version: [], source: 'dev', actor: 'o', reason: 'r' });
    expect(refused).toMatchObject({ ok: false, error: { faults: [{ file: 'version' }] } });
  });

  test('waits for no audit log, which gets the record later', async () => {
    await loseAudit(store(), env, 'fails');
    const loaded = await store().load({ version: VERSION, source: 'dev', actor: 'o', reason: 'r' });
    expect(loaded).toMatchObject({ ok: true, value: { loaded: true, recorded: false } });
    await evict();
    await dueNow(store());
    await runDurableObjectAlarm(store());
    expect(await recorded()).toHaveLength(1);
  });

  test('is never changed, and not deleted while it is active, in SQL', async () => {
    const id = await load();
    await activate(id, null);
    for (const column of ['id', 'policy', 'catalogue', 'catalogue_hash']) {
      await expect(sql(`UPDATE version SET ${column} = 'x'`)).rejects.toThrow('never changed');
    }
    await expect(sql('DELETE FROM version')).rejects.toThrow('never dropped');
    await expect(sql("UPDATE activation SET before = 'x'")).rejects.toThrow('never changed');
    await expect(sql("UPDATE activation SET state = 'recording'")).rejects.toThrow('go back');
  });

  test('drops the oldest that was never active, then the one active longest ago', async () => {
    const first = await load(numbered(0));
    await activate(first, null);
    const ids = [first];
    for (let n = 1; n < VERSIONS_MAX; n++) ids.push(await load(numbered(n)));
    const next = await store().load({
      version: numbered(900),
      source: 'dev',
      actor: 'o',
      reason: 'r',
    });
    expect(next).toMatchObject({ ok: true, value: { dropped: [ids[1]] } });

    // All that are left were active, a second apart, and the first one is again.
    await sql('UPDATE version SET active_at = seq * 1000');
    await sql('UPDATE version SET active_at = 1000000 WHERE id = ?', first);
    const dropped = await store().load({ version: CLOSED, source: 'dev', actor: 'o', reason: 'r' });
    expect(dropped).toMatchObject({ ok: true, value: { dropped: [ids[2]] } });
    expect(await store().list()).toHaveLength(VERSIONS_MAX);
    expect((await store().list()).some(({ id }) => id === first)).toBe(true);
  });

  test('never drops a recently active one, however large all are together', async () => {
    const ids = [];
    for (let n = 0; n < VERSIONS_KEPT_MAX; n++) ids.push(await load(numbered(n)));
    await sql('UPDATE version SET active_at = seq, bytes = 1048576 * 20');
    await load(CLOSED);
    const kept = (await store().list()).map(({ id }) => id);
    expect(ids.every((id) => kept.includes(id))).toBe(true);
  });
});

describe('an activation', () => {
  test('is recorded, puts the version in force and names its catalogue to the log', async () => {
    const id = await load();
    const activated = await activate(id, null, { source: 'deploy', reason: 'first' });
    expect(activated).toMatchObject({
      ok: true,
      value: {
        changed: true,
        activation: { version: id, before: null, state: 'active', inFeed: true, source: 'deploy' },
      },
    });
    expect(await recorded()).toEqual([`loaded ${id}`, `activated ${id}`]);
    expect(await store().inForce()).toEqual({ id, version: VERSION });
    expect(await store().inForce(id)).toEqual({ id });
    const hash = await catalogueHash(VERSION.catalogue);
    expect(await store().catalogue(hash)).toBe(VERSION.catalogue);
    expect(await store().catalogue('0'.repeat(64))).toBeUndefined();
    expect(await namedInHead()).toContain(hash);
  });

  test('is refused for an unknown version and for another expectation', async () => {
    const [one, two] = [await load(numbered(1)), await load(numbered(2))];
    expect(await activate('0'.repeat(64), null)).toEqual({
      ok: false,
      error: { code: 'version_unknown' },
    });
    expect(await activate(one, two)).toEqual({
      ok: false,
      error: { code: 'version_conflict', active: null, expects: two },
    });
    await activate(one, null);
    expect(await activate(two, null)).toEqual({
      ok: false,
      error: { code: 'version_conflict', active: one, expects: null },
    });
    expect(await activeId()).toBe(one);
  });

  test('of the active version changes nothing, whatever was expected', async () => {
    const id = await load();
    await activate(id, null);
    expect(await activate(id, null)).toMatchObject({ ok: true, value: { changed: false } });
    expect(await store().history()).toHaveLength(1);
    expect(await recorded()).toHaveLength(2);
  });

  test('wins once if two operators activate at once', async () => {
    const ids = [await load(numbered(1)), await load(numbered(2)), await load(numbered(3))];
    const all = await Promise.all(ids.map((id) => activate(id, null)));
    expect(all.filter(({ ok }) => ok)).toHaveLength(1);
    const refused = all.filter((one) => !one.ok).map((one) => !one.ok && one.error);
    for (const error of refused) expect(error).toMatchObject({ code: 'version_conflict' });
    expect((await recorded()).filter((line) => line.startsWith('activated'))).toHaveLength(1);
  });

  test('rolls back to an earlier version, and the history has all of it', async () => {
    const [one, two] = [await load(numbered(1)), await load(numbered(2))];
    await activate(one, null, { source: 'deploy' });
    await activate(two, one, { source: 'dev' });
    expect(await activate(one, two)).toMatchObject({ ok: true, value: { changed: true } });
    expect(await activeId()).toBe(one);
    const history = await store().history();
    expect(history.map(({ version, before, state }) => [version, before, state])).toEqual([
      [one, two, 'active'],
      [two, one, 'ended'],
      [one, null, 'ended'],
    ]);
    expect(await store().history(history[0]?.n)).toHaveLength(2);
    expect((await store().status()).lastBy).toEqual({ operator: one, deploy: one, dev: two });
  });

  test.each(['fails', 'hangs'] as const)(
    'changes nothing while the audit log %s, and the trail says so later',
    { timeout: 20_000 },
    async (weather) => {
      const [one, two] = [await load(numbered(1)), await load(numbered(2))];
      await activate(one, null);
      await loseAudit(store(), env, weather);
      expect(await activate(two, one)).toEqual({ ok: false, error: { code: 'audit_unavailable' } });
      expect(await activeId()).toBe(one);
      expect((await store().status()).recording).toBeUndefined();
      await endHanging();
      await evict();
      await dueNow(store());
      await runDurableObjectAlarm(store());
      // The alarm may be running already, by itself.
      const last = async () => (await recorded()).at(-1);
      await expect.poll(last).toBe(`abandoned ${two}`);
      expect(await activate(two, one)).toMatchObject({ ok: true });
    },
  );

  test('is finished by the alarm if a crash left it before its record', async () => {
    const id = await load();
    await activate(id, null);
    const [row] = await sql('SELECT * FROM activation');
    await sql('DELETE FROM activation');
    const left = { ...row, state: 'recording', in_feed: 0, id: 'version.left' };
    const record = JSON.stringify({ ...JSON.parse(String(row?.record)), id: 'version.left' });
    const values = Object.values({ ...left, record }) as (string | number)[];
    await sql(`INSERT INTO activation VALUES (${values.map(() => '?').join(', ')})`, ...values);
    await evict();
    expect((await store().status()).recording).toMatchObject({ version: id });
    await runDurableObjectAlarm(store());
    expect(await activeId()).toBe(id);
    expect((await store().status()).active).toMatchObject({ inFeed: true });
  });

  test('names its catalogue again if the log or the store was restored', async () => {
    const id = await load();
    await activate(id, null);
    const hash = await catalogueHash(VERSION.catalogue);
    await revocationLog(env).setCatalogue('f'.repeat(64));
    await evict();
    expect(await store().inForce(id)).toEqual({ id });
    await expect.poll(namedInHead).toContain(hash);
  });

  test('names its catalogue again after a restore, even if the log fails at first', async () => {
    const id = await load();
    await activate(id, null);
    const hash = await catalogueHash(VERSION.catalogue);
    await revocationLog(env).setCatalogue('f'.repeat(64));
    await evict();
    await loseLog();
    await store().inForce(id);
    await runInDurableObject(store(), (object) => Object.assign(object, { env }));
    const later = Date.now() + 3_000;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => later);
    try {
      await store().inForce(id);
      await expect.poll(namedInHead).toContain(hash);
    } finally {
      clock.mockRestore();
    }
  });

  test('is in force while the revocation log is down, which learns of it later', async () => {
    const id = await load();
    await loseLog();
    expect(await activate(id, null)).toMatchObject({
      ok: true,
      value: { activation: { state: 'active', inFeed: false } },
    });
    expect((await store().status()).active).toMatchObject({ inFeed: false });
    await evict();
    await runDurableObjectAlarm(store());
    expect((await store().status()).active).toMatchObject({ inFeed: true });
  });
});
