import { expect, test } from 'vitest';
import {
  ADMIN_API,
  type AdminRoute,
  createAdminCaller,
  putVersion,
} from '../../../src/issuer-api/index.ts';
import { type Version, versionId } from '../../../src/version/index.ts';

const VERSION: Version = { policy: { 'policy/a.datalog': 'new\n' }, catalogue: '# tools' };
const OTHER: Version = { policy: { 'policy/a.datalog': 'old\n' }, catalogue: '# tools' };
const ID = await versionId(VERSION);
const OLD = await versionId(OTHER);
const AT = '2026-11-28T10:00:00.000Z';
const summary = {
  catalogue_hash: 'c',
  files: [],
  bytes: 1,
  loaded_at: AT,
  loaded_by: 'operator',
  by: 'operator',
  reason: 'r',
  active: true,
  last_active: AT,
};
const activation = (version: string, by = 'operator') => ({
  n: 1,
  version,
  before: null,
  catalogue_hash: 'c',
  at: AT,
  actor: 'operator',
  by,
  reason: 'r',
  state: 'active',
  in_feed: true,
});
const LOADED = {
  id: ID,
  catalogue_hash: 'c',
  loaded: true,
  recorded: true,
  dropped: [],
  warnings: [],
};

interface Answers {
  readonly active?: string | undefined;
  /** Who activated it; by default an operator. */
  readonly activeBy?: string;
  readonly lastBy?: Readonly<Record<string, string>>;
  readonly load?: Response;
  readonly activate?: Response;
}

/** Puts VERSION by `deploy` to an issuer that answers like this. */
async function put(answers: Answers, force = false) {
  const { active, activeBy, lastBy = {}, load, activate } = answers;
  const asked: [string, unknown][] = [];
  const routes: readonly [string, AdminRoute, () => Response][] = [
    [
      'GET /admin/v1/versions/active',
      ADMIN_API.versions.showActiveVersion,
      () =>
        Response.json({
          active: active === undefined ? null : activation(active, activeBy),
          recording: null,
          last_by: lastBy,
        }),
    ],
    [
      `GET /admin/v1/versions/${OLD}`,
      ADMIN_API.versions.showVersion,
      () => Response.json({ id: OLD, ...summary, ...OTHER }),
    ],
    [
      'POST /admin/v1/versions',
      ADMIN_API.versions.loadVersion,
      () => load ?? Response.json(LOADED),
    ],
    [
      `POST /admin/v1/versions/${ID}/activate`,
      ADMIN_API.versions.activateVersion,
      () => activate ?? Response.json({ changed: true, activation: activation(ID, 'deploy') }),
    ],
  ];
  const call = createAdminCaller({
    url: 'https://issuer.example',
    credential: 'secret',
    fetch: async (input, init) => {
      const path = String(input).slice('https://issuer.example'.length);
      const found = routes.find(([name]) => name === `${init?.method} ${path}`);
      if (!found) throw new Error(`no answer to ${init?.method} ${path}`);
      asked.push([found[0], init?.body && JSON.parse(String(init.body))]);
      return found[2]();
    },
  });
  const reason = 'deployment';
  const result = await putVersion(call, { version: VERSION, by: 'deploy', reason, force });
  return { result, asked, orders: asked.filter(([name]) => name.startsWith('POST')) };
}

test('loads and activates a version where none is active', async () => {
  const { result, orders } = await put({});
  expect(result).toMatchObject({ ok: true, value: { id: ID, changed: true, inFeed: true } });
  expect(orders.map(([, body]) => body)).toEqual([
    { ...VERSION, by: 'deploy', reason: 'deployment' },
    { expects: null, by: 'deploy', reason: 'deployment' },
  ]);
});

test('orders nothing if the version is active already', async () => {
  const { result, orders } = await put({ active: ID, lastBy: { operator: ID } });
  expect(result).toMatchObject({ ok: true, value: { changed: false } });
  expect(orders).toEqual([]);
});

test('replaces what the same command activated last', async () => {
  const { orders } = await put({ active: OLD, activeBy: 'deploy', lastBy: { deploy: OLD } });
  expect(orders[1]?.[1]).toMatchObject({ expects: OLD });
});

test('stops if an operator rolled back to what the same command activated', async () => {
  const { result, orders } = await put({ active: OLD, lastBy: { deploy: OLD, operator: OLD } });
  expect(result).toMatchObject({ ok: false, error: { kind: 'changed_since', last: OLD } });
  expect(orders).toEqual([]);
});

test('stops with the difference if another one was activated since', async () => {
  const { result, orders } = await put({ active: OLD, lastBy: { operator: OLD } });
  expect(result).toMatchObject({
    ok: false,
    error: {
      kind: 'changed_since',
      active: { version: OLD, by: 'operator' },
      changes: [
        { file: 'policy/a.datalog', change: 'changed', hunks: [{ lines: ['-old', '+new'] }] },
      ],
    },
  });
  expect(orders).toEqual([]);
});

test('replaces it only by force, and still expects what it saw', async () => {
  const { result, orders } = await put({ active: OLD, lastBy: { operator: OLD } }, true);
  expect(result.ok).toBe(true);
  expect(orders[1]?.[1]).toMatchObject({ expects: OLD });
});

test('returns the faults that the issuer found', async () => {
  const faults = [{ file: 'policy/a.datalog', line: 1, found: 'what' }];
  const body = { error: 'version_invalid', message: 'no', detail: { faults } };
  const { result, orders } = await put({ load: Response.json(body, { status: 422 }) });
  expect(result).toEqual({ ok: false, error: { kind: 'invalid', faults } });
  expect(orders).toHaveLength(1);
});

test('returns a conflict with another order that came between', async () => {
  const detail = { active: OLD, expects: null };
  const body = { error: 'version_conflict', message: 'no', detail };
  const { result } = await put({ activate: Response.json(body, { status: 409 }) });
  expect(result).toEqual({
    ok: false,
    error: { kind: 'problem', code: 'version_conflict', message: 'no', detail },
  });
});

test('sends the credential to no URL that is neither https nor loopback', async () => {
  for (const url of ['http://issuer.example', 'https://user@issuer.example', 'https://a/?b']) {
    const call = createAdminCaller({ url, credential: 'secret', fetch });
    const result = await putVersion(call, { version: VERSION, by: 'dev', reason: 'r' });
    expect(result).toEqual({ ok: false, error: { kind: 'url_unsafe' } });
  }
});
