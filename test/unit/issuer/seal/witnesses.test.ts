import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { fromUtf8 } from '../../../../src/encoding.ts';
import {
  formatVerifierKey,
  noteSigner,
  type Policy,
  readPolicy,
  signCheckpoint,
  verifyCheckpoint,
} from '../../../../src/tlog/index.ts';
import { Witnesses } from '../../../../workers/issuer/log/seal/witnesses.ts';
import type { Fetch } from '../../../../workers/issuer/platform/witness-client.ts';
import { startWitness, type WitnessProcess } from '../../../witness/start.ts';
import { ModelArchive, ModelStore, openSealer, SIGNER } from './model.ts';

/** The rounds of a log, with a witness that shares no code with it and is its own process. */
let folder: string;
let witness: WitnessProcess;
let policy: Policy;
let reports: unknown[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-seal-'));
  witness = await startWitness({
    name: 'witness.example/w1',
    seed: new Uint8Array(32).fill(9),
    state: join(folder, 'witness.db'),
    logs: [formatVerifierKey(await SIGNER)],
  });
  const text = `log ${formatVerifierKey(await SIGNER)}\nwitness w1 ${witness.verifierKey} ${witness.url}\nquorum w1\n`;
  const read = readPolicy(text);
  if (!read.ok) throw new Error(read.error.code);
  policy = read.value;
  reports = [];
});
afterEach(async () => {
  await witness.kill();
  await rm(folder, { recursive: true, force: true });
});

const calm = { store: () => new ModelStore(() => undefined) };
const archiveOf = () =>
  new ModelArchive(
    () => 1,
    0,
    () => undefined,
  );
const witnessesOf = (how: Fetch = fetch) =>
  new Witnesses(policy, [], { fetch: how, report: (detail) => reports.push(detail) });

let count = 0;
const records = (n: number): AuditRecord[] =>
  Array.from({ length: n }, () => {
    count += 1;
    return { event: 'rule_armed', id: `w.${count}`, at: 1, rule: 'r', actor: 'o', reason: 'x' };
  });

async function published(archive: ModelArchive) {
  const note = fromUtf8(archive.objects.get('checkpoint')?.bytes ?? new Uint8Array()) ?? '';
  const verified = await verifyCheckpoint(note, policy);
  if (!verified.ok) throw new Error(verified.error);
  return { size: verified.value.size, isCosigned: verified.value.quorumTime !== undefined };
}

test('a witness cosigns each checkpoint, and a log that forgot its size asks it', async () => {
  const [store, archive] = [calm.store(), archiveOf()];
  for (const n of [3, 300, 1]) {
    store.append(records(n));
    // A new sealer each time: it believes that the witness has seen nothing.
    await openSealer(store, archive, Date.now, witnessesOf()).round();
    expect(await published(archive)).toEqual({ size: store.size(), isCosigned: true });
  }
  expect(reports).toEqual([]);
});

test('a witness that does not answer delays no checkpoint, and cosigns the next one', async () => {
  const [store, archive] = [calm.store(), archiveOf()];
  store.append(records(2));
  let isDown = true;
  const sealer = openSealer(
    store,
    archive,
    Date.now,
    witnessesOf((url, init) => (isDown ? Promise.reject(new Error('down')) : fetch(url, init))),
  );
  await sealer.round();
  expect(await published(archive)).toEqual({ size: 2, isCosigned: false });
  isDown = false;
  await sealer.round();
  expect(await published(archive)).toEqual({ size: 2, isCosigned: true });
});

test('a log stops signing when a witness shows another history under its key', async () => {
  const stolen = { store: calm.store(), archive: archiveOf() };
  stolen.store.append(records(5));
  await openSealer(stolen.store, stolen.archive, Date.now, witnessesOf()).round();
  expect(await published(stolen.archive)).toEqual({ size: 5, isCosigned: true });
  for (const [n, code] of [
    [2, 'ahead'],
    [9, 'inconsistent'],
  ] as const) {
    const [store, archive] = [calm.store(), archiveOf()];
    store.append(records(n));
    const sealer = openSealer(store, archive, Date.now, witnessesOf());
    await sealer.round();
    expect(sealer.stopped).toBe('witnessed');
    expect(archive.objects.has('checkpoint')).toBe(false);
    expect(reports.at(-1)).toMatchObject({ code, witness: 'w1' });
    // Records still go to the archive, and nothing is signed over them.
    store.append(records(300));
    await sealer.round();
    expect(store.state()).toMatchObject({ committed: n + 300, floor: 256 });
    expect([sealer.stopped, archive.objects.has('checkpoint')]).toEqual(['witnessed', false]);
  }
});

test('a log does not stop for an answer that shows no signature of its own', async () => {
  const forger = await noteSigner('issuer.example/audit/control', 'log', KEY_OF_ANOTHER);
  const root = new Uint8Array(32);
  const forged = await signCheckpoint({ origin: forger.name, size: 9, root }, forger);
  for (const shown of [new Response('9\n', { status: 404 }), new Response(forged)]) {
    const [store, archive] = [calm.store(), archiveOf()];
    store.append(records(2));
    const lies: Fetch = async (url) =>
      url.endsWith('/add-checkpoint')
        ? new Response('9\n', { status: 409, headers: { 'content-type': 'text/x.tlog.size' } })
        : shown;
    const sealer = openSealer(store, archive, Date.now, witnessesOf(lies));
    await sealer.round();
    expect(sealer.stopped).toBeUndefined();
    expect(await published(archive)).toEqual({ size: 2, isCosigned: false });
    expect(reports.at(-1)).toMatchObject({ code: 'ahead' });
  }
});

const KEY_OF_ANOTHER = `ed25519-private/${'07'.repeat(32)}`;

test('a line that is not of the witness is not published', async () => {
  const [store, archive] = [calm.store(), archiveOf()];
  store.append(records(1));
  const forged: Fetch = async () =>
    new Response(`\u2014 witness.example/w1 ${Buffer.alloc(76).toString('base64')}\n`);
  await openSealer(store, archive, Date.now, witnessesOf(forged)).round();
  expect(await published(archive)).toEqual({ size: 1, isCosigned: false });
});

test('no more of an answer is read than cosignatures need', async () => {
  const [store, archive] = [calm.store(), archiveOf()];
  store.append(records(1));
  let pieces = 0;
  let isCancelled = false;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      pieces += 1;
      if (pieces < 100) controller.enqueue(new Uint8Array(8 * 1024));
      else controller.close();
    },
    cancel: () => {
      isCancelled = true;
    },
  });
  const floods: Fetch = async () => new Response(endless);
  await openSealer(store, archive, Date.now, witnessesOf(floods)).round();
  expect(await published(archive)).toEqual({ size: 1, isCosigned: false });
  expect(isCancelled).toBe(true);
  expect(reports).toEqual([{ code: 'status_200', witness: 'w1' }]);
});
