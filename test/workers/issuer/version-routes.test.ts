import { reset } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import { versionId } from '../../../src/version/index.ts';
import { admin } from './token.scene.ts';
import { CLOSED, recorded, VERSION } from './versions.scene.ts';

/** The admin routes of versions: what they take, and what they answer. */

afterEach(() => reset());

const load = (version: unknown = VERSION, more: object = { reason: 'test' }) =>
  admin('versions', { ...(version as object), ...more });

test('load, show, activate and list a version', async () => {
  const loaded = await load(VERSION, { reason: 'test', by: 'deploy' });
  const id = await versionId(VERSION);
  expect(loaded).toMatchObject({ status: 200, body: { id, loaded: true, recorded: true } });
  expect(await admin(`versions/${id}`)).toMatchObject({ body: { ...VERSION, by: 'deploy' } });
  expect((await admin('versions/active')).body).toEqual({
    active: null,
    recording: null,
    last_by: {},
  });
  const activated = await admin(`versions/${id}/activate`, { expects: null, reason: 'why' });
  expect(activated).toMatchObject({
    status: 200,
    body: { changed: true, activation: { version: id, by: 'operator', reason: 'why', n: 1 } },
  });
  expect((await admin('versions/active')).body).toMatchObject({
    active: { version: id, state: 'active', in_feed: true },
    last_by: { operator: id },
  });
  expect((await admin('versions')).body.versions).toMatchObject([{ id, active: true }]);
  expect((await admin('versions/history?before=2')).body.activations).toHaveLength(1);
  expect((await admin('versions/history?before=1')).body.activations).toEqual([]);
});

test('a conflict names both versions, for people and for programs', async () => {
  const [one, two] = await Promise.all([versionId(VERSION), versionId(CLOSED)]);
  await load();
  await load(CLOSED);
  await admin(`versions/${one}/activate`, { expects: null, reason: 'why' });
  const refused = await admin(`versions/${two}/activate`, { expects: null, reason: 'why' });
  expect(refused).toMatchObject({
    status: 409,
    body: { error: 'version_conflict', detail: { active: one, expects: null } },
  });
  expect(refused.body.message).toContain(one);
});

test('a version that does not load is refused with its faults', async () => {
  const policy = { 'policy/a.datalog': 'allow if (' };
  expect(await load({ ...VERSION, policy })).toMatchObject({
    status: 422,
    body: {
      error: 'version_invalid',
      detail: { faults: [{ file: 'policy/a.datalog', line: 1, found: expect.any(String) }] },
    },
  });
  expect((await admin('versions')).body).toEqual({ versions: [] });
  expect(await recorded()).toEqual([]);
});

test.for<[string, object, number]>([
  ['without a reason', { ...VERSION }, 400],
  ['with an empty reason', { ...VERSION, reason: ' ' }, 400],
  ['of an unknown source', { ...VERSION, reason: 'r', by: 'someone' }, 400],
  ['with an unknown member', { ...VERSION, reason: 'r', name: 'x' }, 400],
  ['whose policy is a list', { ...VERSION, policy: [], reason: 'r' }, 400],
  ['whose file is a number', { ...VERSION, policy: { 'a.datalog': 1 }, reason: 'r' }, 422],
  [
    'with a file that no folder has',
    { ...VERSION, policy: { '../a.datalog': '' }, reason: 'r' },
    422,
  ],
  [
    'that every object has',
    JSON.parse('{"policy":{"__proto__":""},"catalogue":"","reason":"r"}'),
    422,
  ],
  ['that is too large', { ...VERSION, catalogue: '#'.repeat(2 ** 21), reason: 'r' }, 413],
  [
    'that is larger than a version',
    { ...VERSION, catalogue: '#'.repeat(2 ** 20), reason: 'r' },
    422,
  ],
])('refuses to load a version %s', async ([, body, status]) => {
  const refused = await admin('versions', body);
  expect(refused.status).toBe(status);
  if (status === 413) expect(refused.body.message).toBe('The body is larger than 1040 KiB.');
  expect((await admin('versions')).body).toEqual({ versions: [] });
});

test('an activation without its expectation or reason is refused', async () => {
  await load();
  const path = `versions/${await versionId(VERSION)}/activate`;
  for (const body of [{ reason: 'r' }, { expects: 'x', reason: 'r' }, { expects: null }]) {
    expect((await admin(path, body)).status).toBe(400);
  }
  expect((await admin('versions/unknown')).status).toBe(404);
  const unknown = `versions/${'0'.repeat(64)}`;
  expect((await admin(unknown)).body.error).toBe('version_unknown');
  const order = { expects: null, reason: 'r' };
  expect((await admin(`${unknown}/activate`, order)).body.error).toBe('version_unknown');
});
