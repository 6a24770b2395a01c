import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { exportArchives } from '../../../src/backup/index.ts';
import { utf8 } from '../../../src/encoding.ts';
import {
  checkInclusion,
  encodeBundle,
  encodeTile,
  leafHash,
  noteSigner,
  proveInclusion,
  rootOf,
  signCheckpoint,
  tilePath,
} from '../../../src/tlog/index.ts';
import { readTail, writeHashTail, writeTail } from '../../../workers/issuer/log/seal/tail.ts';

const ORIGIN = 'issuer.example/audit/control';
const entries = Array.from({ length: 600 }, (_, n) => utf8(`hewn record ${n}`));
const leaves = entries.map(leafHash);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The state of a server with the archive of one log, as the class TileStore writes it. */
async function writeState(
  changed: (objects: Map<string, Uint8Array>) => void = () => undefined,
): Promise<void> {
  const signer = await noteSigner(ORIGIN, 'log', `ed25519-private/${'07'.repeat(32)}`);
  const checkpoint = { origin: ORIGIN, size: entries.length, root: rootOf(leaves) };
  const full = [leaves.slice(0, 256), leaves.slice(256, 512)];
  const months: [string, number][] = [
    ['2026-10', 0],
    ['2026-11', 1],
  ];
  const objects = new Map<string, Uint8Array>([
    ['checkpoint', utf8(await signCheckpoint(checkpoint, signer))],
    ['m/2026-10/entries/000', encodeBundle(entries.slice(0, 256))],
    ['m/2026-11/entries/001', encodeBundle(entries.slice(256, 512))],
    ['tile/0/000', encodeTile(full[0] ?? [])],
    ['tile/0/001', encodeTile(full[1] ?? [])],
    [
      'tail',
      writeTail({
        floor: 512,
        months,
        month: '2026-11',
        edge: [full.map(rootOf)],
        entries: entries.slice(512),
      }),
    ],
  ]);
  changed(objects);
  await mkdir(join(folder, 'state/issuer-TileStore'), { recursive: true });
  const database = new DatabaseSync(join(folder, 'state/issuer-TileStore/one.sqlite'));
  database.exec(
    'CREATE TABLE object (path TEXT PRIMARY KEY); CREATE TABLE part (path, n, content)',
  );
  for (const [path, bytes] of objects) {
    database.prepare('INSERT INTO object VALUES (?)').run(path);
    database.prepare('INSERT INTO part VALUES (?, 0, ?)').run(path, bytes);
  }
  database.close();
}

const exported = () => exportArchives(join(folder, 'state'), join(folder, 'out'));
const file = (path: string) => join(folder, 'out', ORIGIN, path);

test('refuses a folder without a signed log, and a Node without databases', async () => {
  expect(await exported()).toMatchObject({ ok: false, error: expect.stringContaining('--state') });
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
  expect(await exported()).toMatchObject({ ok: false, error: expect.stringContaining('22.16') });
  vi.restoreAllMocks();
});

test('writes the archive of a log as files that prove each entry', async () => {
  await writeState();
  expect(await exported()).toMatchObject({ ok: true, value: [{ origin: ORIGIN, size: 600 }] });
  const names = (await readdir(file('.'), { recursive: true, withFileTypes: true }))
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(file('.').length + 1))
    .sort();
  expect(names).toEqual([
    ...['checkpoint', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2'],
    ...['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'],
  ]);
  const proof = await proveInclusion(300, 600, (tile) => readFile(file(tilePath(tile))));
  const inclusion = { index: 300, size: 600, leaf: leafHash(entries[300] ?? utf8('')) };
  expect(checkInclusion({ ...inclusion, root: rootOf(leaves) }, proof)).toBe(true);
});

test('writes the tiles of a month whose entries were deleted', async () => {
  await writeState((objects) => objects.delete('m/2026-10/entries/000'));
  expect(await exported()).toMatchObject({ ok: true });
  expect(await readdir(file('tile/entries'))).not.toContain('000');
  expect((await readFile(file('tile/0/000'))).length).toBe(8_192);
});

test('writes the tiles of a log that has ended and whose last entries were deleted', async () => {
  await writeState((objects) => {
    const tail = readTail(Uint8Array.from(objects.get('tail') ?? []));
    if (tail) objects.set('tail', writeHashTail(tail));
  });
  expect(await exported()).toMatchObject({ ok: true, value: [{ origin: ORIGIN, size: 600 }] });
  expect(await readdir(file('tile/entries'))).toEqual(['000', '001']);
  expect((await readFile(file('tile/0/002.p/88'))).length).toBe(88 * 32);
});

test('refuses an archive that does not have the signed root', async () => {
  await writeState((objects) => {
    const changed = entries.slice(0, 256).with(3, utf8('another record'));
    objects.set('m/2026-10/entries/000', encodeBundle(changed));
  });
  expect(await exported()).toMatchObject({
    ok: false,
    error: expect.stringContaining('signed root'),
  });
});
