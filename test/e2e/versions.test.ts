import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createAdminCaller, putVersion } from '../../src/issuer-api/index.ts';
import { readFolderVersion } from '../../src/version-files/index.ts';
import { hewn } from '../unit/cli/scene.ts';
import { VALID } from '../unit/deployment/scene.ts';
import { admin, call, exchange, obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Versions of a deployment folder, by `hewn versions` as a person types it, at running Workers. */
let stage: Stage;
let folder: string;
beforeAll(async () => {
  stage = await openStage();
  folder = await mkdtemp(join(tmpdir(), 'hewn-versions-'));
  await writeFile(join(folder, 'hewn.toml'), VALID);
  await mkdir(join(folder, 'catalogue'));
  await cp('policy/tools.toml', join(folder, 'catalogue/tools.toml'));
  await mkdir(join(folder, 'policy'));
  await cp('policy/reports.datalog', join(folder, 'policy/reports.datalog'));
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const LOCAL = 'http://127.0.0.1:8788';
const reach: typeof fetch = (input, init) =>
  stage.fetch(String(input).replace(LOCAL, stage.issuer), init);
const versions = (...words: readonly string[]) =>
  hewn(['versions', ...words], {
    cwd: folder,
    home: folder,
    variable: (name) => (name === 'HEWN_OPERATOR' ? stage.operator : undefined),
    fetch: reach,
  });
const json = async <T>(...words: readonly string[]): Promise<T> =>
  JSON.parse((await versions(...words, '--json')).out) as T;
const load = async (reason = 'test') => (await json<{ id: string }>('load', '--reason', reason)).id;
const activeId = async () =>
  ((await (await admin(stage, 'versions/active')).json()) as { active: { version: string } | null })
    .active?.version;
const edit = async (name: string, change: (text: string) => string) =>
  writeFile(join(folder, name), change(await readFile(join(folder, name), 'utf8')));
const passed = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
const restart = () =>
  stage.harness.getWorker('issuer').evictDurableObject('Versions', { name: 'default' });

let first: string;
let second: string;

describe('hewn versions', () => {
  test('loads the version of a folder, which decides only once it is activated', async () => {
    expect((await versions('list')).out).toContain('no version is stored');
    expect((await versions('diff')).out).toContain('+++ b/policy/reports.datalog');
    const loaded = await versions('load', '--reason', 'the first one');
    expect(loaded).toMatchObject({ code: 0, out: expect.stringContaining('loaded') });
    first = await load();
    expect(loaded.out).toContain(first.slice(0, 12));
    expect(await activeId()).toBeUndefined();
    const activated = await versions('activate', first.slice(0, 8), '--reason', 'agreed');
    expect(activated).toMatchObject({ code: 0, out: expect.stringContaining('"agreed"') });
    expect(activated.out).toContain('2 added');
    expect(await activeId()).toBe(first);
    expect(await versions('diff')).toMatchObject({ code: 0, out: 'no difference' });
    await restart();
    expect((await versions('list')).out).toMatch(/^\* +[0-9a-f]{12} .* operator /m);
  });

  test('changes what is minted within a second, without a restart, and rolls back', async () => {
    expect((await exchange(stage)).status).toBe(200);
    await edit('policy/reports.datalog', (text) => `${text}\ndeny if action("write");\n`);
    const diff = await versions('diff');
    expect(diff).toMatchObject({
      code: 1,
      out: expect.stringContaining('+deny if action("write");'),
    });
    second = await load();
    const before = await exchange(stage);
    expect(JSON.stringify(before.body.authorization_details)).toContain('write_file');
    await versions('activate', second, '--expects', first.slice(0, 12), '--reason', 'no writing');
    await passed(1_000);
    const minted = await exchange(stage);
    expect(minted.status).toBe(200);
    expect(JSON.stringify(minted.body.authorization_details)).not.toContain('write_file');
    const trail = await (await admin(stage, 'audit')).json();
    const { records } = trail as { records: { record: { event: string; version?: string } }[] };
    const last = records.filter(({ record }) => record.event === 'mint').at(-1);
    expect(last?.record.version).toBe(second);

    expect((await versions('rollback', '--reason', 'they need it')).code).toBe(0);
    await passed(1_000);
    const again = await exchange(stage);
    expect(JSON.stringify(again.body.authorization_details)).toContain('write_file');
    const { activations } = await json<{ activations: { version: string; before: string }[] }>(
      'history',
    );
    expect(activations.map(({ version, before }) => [version, before])).toEqual([
      [first, second],
      [second, first],
      [first, null],
    ]);
  });

  test('refuses a broken version with every fault, and nothing changes', async () => {
    const good = await readFile(join(folder, 'policy/reports.datalog'), 'utf8');
    await edit(
      'policy/reports.datalog',
      (text) => `${text}\nallow if tool("mcp/files/nothing");\n`,
    );
    await edit('policy/reports.datalog', (text) => `${text}deny if tool("mcp/files/other");\n`);
    const line = good.split('\n').length + 1;
    const loaded = await versions('load', '--reason', 'x');
    expect(loaded.code).toBe(1);
    expect(loaded.out).toContain(`policy/reports.datalog:${line}: `);
    expect(loaded.out).toContain(`policy/reports.datalog:${line + 1}: `);
    expect(await activeId()).toBe(first);
    expect((await json<{ versions: unknown[] }>('list')).versions).toHaveLength(2);
    await writeFile(join(folder, 'policy/reports.datalog'), good);
  });

  test('lets one of two operators activate, and tells the other what is active', async () => {
    const other = await versions('activate', second, '--expects', second, '--reason', 'x');
    expect(other.code).toBe(1);
    expect(other.out).toContain(`active is version ${first}`);
    expect(other.out).toContain(`expects version ${second}`);
    expect(await json('activate', second, '--expects', 'none', '--reason', 'x')).toEqual({
      changed: false,
      active: first,
      expects: null,
    });
    expect(await activeId()).toBe(first);
  });

  test('shows a version, and writes its files without overwriting any', async () => {
    const shown = await versions('show', 'active', '--to', 'was');
    expect(shown.out).toContain('file        policy/reports.datalog');
    expect(await readFile(join(folder, 'was/policy/reports.datalog'), 'utf8')).toBe(
      await readFile('policy/reports.datalog', 'utf8'),
    );
    expect((await versions('show', 'active', '--to', 'was')).code).toBe(2);
    expect(await versions('show', '123')).toMatchObject({ code: 2 });
    expect((await versions('show', '0'.repeat(64))).err).toContain('no version with this id');
  });
});

test('a deployment stops if an operator activated another version since', async () => {
  const url = LOCAL;
  const caller = createAdminCaller({ url, credential: stage.operator, fetch: reach });
  const files = await readFolderVersion(folder, {
    policy: 'policy',
    catalogue: 'catalogue/tools.toml',
  });
  if (!files.ok) throw new Error(files.error);
  const put = (force: boolean) =>
    putVersion(caller, { version: files.value, by: 'deploy', reason: 'deployment', force });
  expect(await put(false)).toMatchObject({
    ok: false,
    error: { kind: 'changed_since', active: { version: first, by: 'operator' }, last: undefined },
  });
  expect(await put(true)).toMatchObject({ ok: true, value: { id: second, changed: true } });
  expect(await put(false)).toMatchObject({ ok: true, value: { changed: false } });
  await versions('rollback', '--reason', 'the operator again');
  expect(await put(false)).toMatchObject({ ok: false, error: { last: second } });
});

test('a tool that the active catalogue drops cannot be called by a living grant', async () => {
  const { token } = await obtain(stage);
  const report = stage.documents.reports[0] ?? '';
  const list = call('list_directory', { path: 'reports' });
  expect((await send(stage, token, list)).status).toBe(200);
  await edit('catalogue/tools.toml', (text) => {
    const entries = text.split('[[tool]]');
    return entries
      .filter((entry) => !entry.includes('"mcp/files/list_directory"'))
      .join('[[tool]]');
  });
  await edit('policy/reports.datalog', (text) =>
    text
      .split('\n')
      .filter((line) => !line.includes('"mcp/files/list_directory"'))
      .join('\n'),
  );
  const without = await load();
  await versions('activate', without, '--reason', 'listing leaks names');
  // The gateway polls after an answer, and a read may be judged by a head of up to a minute.
  await expect
    .poll(async () => (await send(stage, token, list)).code, { interval: 500 })
    .toBe('tool_unknown');
  expect((await send(stage, token, read(report))).status).toBe(200);
  const minted = await exchange(stage);
  expect(JSON.stringify(minted.body.authorization_details)).not.toContain('list_directory');
});
