import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backUp, restore } from '../../../src/backup/index.ts';

/** A state that has one database, and a backup of it. */
const STORE = 'issuer-Approvals';
const NAME = 'ab12.sqlite';
const ABOUT = { deployment: 'acme', environment: 'production' };

let folder: string;
let state: string;
let backup: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-backup-'));
  state = join(folder, 'state');
  backup = join(folder, 'backup');
  await mkdir(join(state, STORE), { recursive: true });
  const database = new DatabaseSync(join(state, STORE, NAME));
  database.exec('CREATE TABLE one (a); INSERT INTO one VALUES (1)');
  database.close();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const backUpTo = (to: string, from = state) =>
  backUp({ ...ABOUT, state: from, to, hewn: '0.3.0', now: 1_000 });
const restoreFrom = (changes: Partial<Parameters<typeof restore>[0]> = {}) =>
  restore({
    ...ABOUT,
    from: backup,
    state: join(folder, 'restored'),
    replace: false,
    now: 2_000,
    ...changes,
  });
const refusal = (text: string) => ({ ok: false, error: expect.stringContaining(text) });

describe('a backup is refused', () => {
  test('without a state', async () => {
    expect(await backUpTo(backup, join(folder, 'none'))).toEqual(refusal('there is no state in'));
  });

  test('into a folder that has files', async () => {
    expect(await backUpTo(state)).toEqual(refusal('is not empty'));
    expect(await readdir(state)).toEqual([STORE]);
  });

  test('and removed, if a database is damaged', async () => {
    await writeFile(join(state, STORE, NAME), 'not a database');
    expect(await backUpTo(backup)).toEqual(refusal('the backup failed, and was removed'));
    expect(await readdir(folder)).toEqual(['state']);
  });
});

describe('a restore is refused', () => {
  beforeEach(async () => {
    expect(await backUpTo(backup)).toMatchObject({ ok: true });
  });
  const manifest = () => join(backup, 'manifest.json');
  const changeManifest = async (change: (text: string) => string) =>
    writeFile(manifest(), change(await readFile(manifest(), 'utf8')));

  test('of a backup that did not end', async () => {
    await rm(manifest());
    expect(await restoreFrom()).toEqual(refusal('is no complete backup'));
  });

  test('of a manifest of another format', async () => {
    await changeManifest((text) => text.replace('"format": 1', '"format": 2'));
    expect(await restoreFrom()).toEqual(refusal('format is wrong'));
  });

  test('of a manifest that names a file outside of the backup', async () => {
    await changeManifest((text) => text.replace(NAME, `../${NAME}`));
    expect(await restoreFrom()).toEqual(refusal('is not a manifest that this release knows'));
  });

  test('of a file that is missing, and names it', async () => {
    await rm(join(backup, STORE, NAME));
    expect(await restoreFrom()).toEqual(refusal(`${STORE}/${NAME} cannot be read: ENOENT`));
  });

  test('of a database that is damaged, although its hash is that of the manifest', async () => {
    const file = join(backup, STORE, NAME);
    const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
    const before = await readFile(file);
    const damaged = new Uint8Array(before).fill(255, before.length - 100);
    await writeFile(file, damaged);
    await changeManifest((text) => text.replace(sha256(before), sha256(damaged)));
    expect(await restoreFrom()).toEqual(refusal('files of the backup are unusable'));
  });

  test.each([{ deployment: 'other' }, { environment: 'staging' }])(
    'of a backup of another deployment: %o',
    async (other) => {
      expect(await restoreFrom(other)).toEqual(
        refusal('the backup is of acme, environment production'),
      );
    },
  );

  test('over a state, unless that is moved aside', async () => {
    expect(await restoreFrom({ state })).toEqual(refusal('has a state already'));
  });

  test('if the backup has no revocation log, and leaves the state as it is', async () => {
    const restored = await restoreFrom({ state, replace: true });
    expect(restored).toEqual(refusal('the backup has no revocation log'));
    expect((await readdir(state)).filter((name) => name !== 'hewn.lock')).toEqual([STORE]);
  });
});
