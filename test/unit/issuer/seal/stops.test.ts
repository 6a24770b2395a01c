import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { utf8 } from '../../../../src/encoding.ts';
import { EMPTY_ROOT, noteSigner, signCheckpoint } from '../../../../src/tlog/index.ts';
import type { Sealer } from '../../../../workers/issuer/log/seal/sealer.ts';
import type { StopCode } from '../../../../workers/issuer/log/seal/view.ts';
import { ModelArchive, ModelStore, openSealer, SIGNER } from './model.ts';

const recordsOf = (name: string, count: number): AuditRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    event: 'rule_armed',
    id: `${name}.${n}`,
    at: 1,
    rule: 'r',
    actor: 'o',
    reason: 'x',
  }));

/** A log with some sealed records: a full bundle and a tail. */
async function sealedLog(name = 'a', count = 300) {
  const store = new ModelStore(() => undefined);
  const archive = new ModelArchive(
    () => 1,
    0,
    () => undefined,
  );
  store.append(recordsOf(name, count));
  await openSealer(store, archive, Date.now).round();
  return { store, archive };
}

type Log = Awaited<ReturnType<typeof sealedLog>>;

/** Restarts a log that has something to seal. Returns its sealer, after a round that must fail. */
async function restart({ store, archive }: Log): Promise<Sealer> {
  store.append(recordsOf('new', 1));
  const sealer = openSealer(store, archive, Date.now);
  await expect(sealer.round()).rejects.toThrow();
  return sealer;
}

function put(archive: ModelArchive, path: string, bytes: Uint8Array<ArrayBuffer>): void {
  archive.objects.set(path, { bytes, etag: 'other', version: 0 });
}

/** Takes an object of another archive, or deletes it if that has none. */
function take(archive: ModelArchive, other: ModelArchive, path: string): void {
  const stored = other.objects.get(path);
  if (stored) archive.objects.set(path, stored);
  else archive.objects.delete(path);
}

const everything = ['tail', 'tail-side', 'checkpoint'];

const stories: readonly (readonly [name: string, StopCode, (log: Log) => unknown])[] = [
  ['the archive was emptied', 'lost', ({ archive }) => archive.objects.clear()],
  [
    'its own rows are gone, and so is the tail of the archive',
    'lost',
    ({ store, archive }) => {
      store.rows = new ModelStore(() => undefined).rows;
      archive.objects.delete('tail');
    },
  ],
  [
    'the archive was restored to an earlier time',
    'behind',
    async ({ archive }) => {
      const earlier = (await sealedLog('a', 290)).archive;
      for (const path of everything) take(archive, earlier, path);
    },
  ],
  [
    'the archive is that of another history',
    'forked',
    async ({ archive }) => {
      const other = (await sealedLog('b')).archive;
      for (const path of other.objects.keys()) take(archive, other, path);
    },
  ],
  [
    'someone with the key has signed another history',
    'forked',
    async ({ archive }) => take(archive, (await sealedLog('b')).archive, 'checkpoint'),
  ],
  [
    'the archive lacks entries that its checkpoint covers',
    'torn',
    async ({ archive }) => take(archive, (await sealedLog('a', 310)).archive, 'checkpoint'),
  ],
  [
    'a tile that is needed for the comparison is gone',
    'torn',
    async ({ archive }) => {
      const { archive: earlier } = await sealedLog('a', 10);
      take(archive, earlier, 'checkpoint');
      archive.objects.delete('tile/0/000');
    },
  ],
  [
    'the checkpoint is of another log',
    'foreign',
    async ({ archive }) => {
      const origin = 'issuer.example/audit/root';
      const signer = await noteSigner(origin, 'log', `ed25519-private/${'06'.repeat(32)}`);
      const note = await signCheckpoint({ origin, size: 0, root: EMPTY_ROOT }, signer);
      put(archive, 'checkpoint', utf8(note));
    },
  ],
  [
    'the checkpoint names another log, under the key name of this one',
    'foreign',
    async ({ archive }) => {
      const origin = 'issuer.example/audit/root';
      const note = await signCheckpoint({ origin, size: 0, root: EMPTY_ROOT }, await SIGNER);
      put(archive, 'checkpoint', utf8(note));
    },
  ],
  [
    'the checkpoint has a bad signature',
    'foreign',
    async ({ archive }) => {
      const { name, keyId } = await SIGNER;
      const signer = { ...(await SIGNER), name, keyId, sign: async () => new Uint8Array(64) };
      const checkpoint = { origin: name, size: 0, root: EMPTY_ROOT };
      put(archive, 'checkpoint', utf8(await signCheckpoint(checkpoint, signer)));
    },
  ],
  ['the tail cannot be read', 'malformed', ({ archive }) => put(archive, 'tail', utf8('{}\n'))],
  [
    'the sides of the tail cannot be read',
    'malformed',
    ({ archive }) => put(archive, 'tail-side', utf8('nothing')),
  ],
];

test.each(stories)('a log signs nothing if %s', async (_, code, change) => {
  const log = await sealedLog();
  await change(log);
  const before = new Map(log.archive.objects);
  const sealer = await restart(log);
  expect(sealer.stopped).toBe(code);
  expect(log.archive.objects).toEqual(before);
});

test('a log stops at a bundle that the archive has with other bytes, and continues without it', async () => {
  const log = await sealedLog('a', 200);
  const month = new Date().toISOString().slice(0, 7);
  const path = `m/${month}/entries/000`;
  put(log.archive, path, utf8('of another history'));
  log.store.append(recordsOf('b', 100));
  const sealer = await restart(log);
  expect(sealer.stopped).toBe('forked');
  log.archive.objects.delete(path);
  expect(await sealer.round()).toMatchObject({ size: 301 });
  expect(sealer.stopped).toBe(undefined);
});

test('a log that was restored stops if a bundle that it has to learn from is gone', async () => {
  const { store, archive } = await sealedLog('a', 600);
  store.append(recordsOf('b', 1));
  // The tail of this round has the last entries alone.
  await openSealer(store, archive, Date.now).round();
  store.rows = (await sealedLog('a', 10)).store.rows;
  for (const path of archive.objects.keys()) {
    if (path.includes('/entries/')) archive.objects.delete(path);
  }
  store.append(recordsOf('own', 600));
  const sealer = openSealer(store, archive, Date.now);
  await expect(sealer.ready()).rejects.toThrow();
  expect(sealer.stopped).toBe('torn');
});

test('a log of a new generation signs the tree of the one before under its new origin', async () => {
  const { store, archive } = await sealedLog();
  const origin = 'issuer.example/7/audit/control';
  const signer = noteSigner(origin, 'log', `ed25519-private/${'01'.repeat(32)}`);
  const sealer = openSealer(store, archive, Date.now, undefined, { origin, signer });
  expect(await sealer.round()).toMatchObject({ size: 300 });
  const note = Buffer.from(archive.objects.get('checkpoint')?.bytes ?? []).toString();
  expect(note.split('\n').slice(0, 2)).toEqual([origin, '300']);
  // Its history is compared as before, and one that is older must not come back.
  const earlier = openSealer(store, archive, Date.now);
  await expect(earlier.round()).rejects.toThrow('a checkpoint of another log');
  expect(earlier.stopped).toBe('foreign');
});
