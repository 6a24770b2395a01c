import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { MemoryLog, requestBody } from '../../witness/log.ts';
import { sha256, verifierKeyOf } from '../../witness/note.ts';
import { startWitness, type WitnessProcess } from '../../witness/start.ts';

const ORIGIN = 'log.example/1';
const log = new MemoryLog(ORIGIN, sha256('a log'), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
const fork = new MemoryLog(ORIGIN, sha256('a log'), ['a', 'b', 'x', 'y', 'z']);
const folder = mkdtempSync(join(tmpdir(), 'witness-'));
const running: WitnessProcess[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((witness) => witness.kill()));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function start(name: string): Promise<WitnessProcess> {
  const witness = await startWitness({
    name: 'witness.example/w',
    seed: sha256('a witness'),
    state: join(folder, name),
    logs: [verifierKeyOf(log.key)],
  });
  running.push(witness);
  return witness;
}

const post = ({ url }: WitnessProcess, from: MemoryLog, old: number, size: number) =>
  fetch(`${url}/add-checkpoint`, {
    method: 'POST',
    body: requestBody(old, from.proof(old, size), from.checkpoint(size)),
    signal: AbortSignal.timeout(10_000),
  });

it('remembers everything that it answered when it is killed', async () => {
  const first = await start('killed');
  const answers = await Promise.all([post(first, log, 0, 3), post(first, log, 0, 5)]);
  await first.kill();
  // Of two requests at once, one is later and names a size that is no longer the newest.
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  const size = answers[0]?.status === 200 ? 3 : 5;

  const second = await start('killed');
  expect((await post(second, fork, size, 5)).status).toBe(422);
  expect((await post(second, log, size, 7)).status).toBe(200);
});

it('keeps one memory when two processes share it', async () => {
  const both = await Promise.all([start('shared'), start('shared')]);
  for (let size = 1; size <= 7; size++) {
    const posts = both.map((witness) => post(witness, log, size - 1, size));
    const statuses = (await Promise.all(posts)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409]);
  }
});

it('speaks the protocol over HTTP', async () => {
  const witness = await start('protocol');
  const path = `${witness.url}/${sha256(ORIGIN).toString('hex')}/checkpoint`;
  expect((await fetch(path)).status).toBe(404);
  const added = await post(witness, log, 0, 3);
  expect(added.status).toBe(200);
  expect(await (await fetch(path)).text()).toBe(log.checkpoint(3) + (await added.text()));

  const conflict = await post(witness, log, 0, 5);
  expect(conflict.status).toBe(409);
  expect(conflict.headers.get('content-type')).toBe('text/x.tlog.size');
  expect(await conflict.text()).toBe('3\n');

  expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
  const long = { method: 'POST', body: 'x'.repeat(2 ** 20) };
  expect((await fetch(`${witness.url}/add-checkpoint`, long)).status).toBe(400);
});
