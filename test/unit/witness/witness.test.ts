import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MemoryLog, requestBody, textOf } from '../../witness/log.ts';
import { COSIGNATURE, signatureLine, signingKey, verifierKeyOf } from '../../witness/note.ts';
import { WitnessStore } from '../../witness/store.ts';
import { EMPTY_ROOT } from '../../witness/tree.ts';
import { type Answer, Witness } from '../../witness/witness.ts';

const seed = (text: string): Buffer => createHash('sha256').update(text).digest();
const entries = (count: number, name = 'hewn record'): string[] =>
  Array.from({ length: count }, (_, index) => `${name} ${index}`);

const ORIGIN = 'issuer.example/audit/control';
const honest = new MemoryLog(ORIGIN, seed('hewn log key'), entries(20));
/** The same key, and other entries from the sixth on. */
const forked = new MemoryLog(ORIGIN, seed('hewn log key'), [...entries(5), ...entries(15, 'x')]);
const witnessKey = signingKey('witness.example/w1', COSIGNATURE, seed('hewn witness key'));
const stranger = new MemoryLog(ORIGIN, seed('another key'), entries(20));
const elsewhere = new MemoryLog('issuer.example/audit/root', seed('hewn log key'), entries(20));

let folder: string;
let store: WitnessStore;
let witness: Witness;
let seconds: number;

const makeWitness = (): Witness =>
  new Witness({ key: witnessKey, logs: [verifierKeyOf(honest.key)], store, now: () => seconds });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'witness-'));
  store = new WitnessStore(join(folder, 'state.sqlite'));
  seconds = 1_790_000_000;
  witness = makeWitness();
});

afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});

const add = (old: number | string, proof: readonly string[], checkpoint: string): Answer =>
  witness.addCheckpoint(Buffer.from(requestBody(old, proof, checkpoint)));
const grow = (log: MemoryLog, old: number, size: number): Answer =>
  add(old, log.proof(old, size), log.checkpoint(size));

const HASH = seed('a hash').toString('base64');

describe('the answers of a witness', () => {
  it('cosigns a first checkpoint and one that follows it, byte for byte', () => {
    expect(grow(honest, 0, 3).status).toBe(200);
    expect(honest.proof(3, 7)).toEqual([
      '9t/yekaRI1KBL63igN5nhEOox1aDwxc/r5xNu03rv6c=',
      'M455zFw05e7MGRgwIpyEwYc57x9Me1/+Pp922oxDxQI=',
      '3zksV8ECUlKkG/aMh132xxPGCW70wx44Wg4V/8g+Ps0=',
      'TxZmBTcznl6j0yNAnX2ORBp0dWKEqboZqlH3T9BK5f8=',
    ]);
    expect(grow(honest, 3, 7)).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: '— witness.example/w1 lCSj0gAAAABqsTuAb7BqJ44H2kmxuIK8fJa3zyQspBCi4tAVpftICuyqAyZUTYBF3TEkc7TzqCFMA7lggWUD7e8m0T6Uj98eZ7A1Dw==\n',
    });
  });

  it('cosigns the same checkpoint again with the time of then', () => {
    const first = grow(honest, 0, 7);
    seconds += 60;
    const second = grow(honest, 7, 7);
    expect(second.status).toBe(200);
    expect(second.body).not.toBe(first.body);
  });

  it.each([
    ['nothing', ''],
    ['no empty line', 'old 0\n'],
    ['another first line', requestBody(0, [], honest.checkpoint(3)).replace('old', 'new')],
    ['an old size with a leading zero', requestBody('00', [], honest.checkpoint(3))],
    ['a negative old size', requestBody('-1', [], honest.checkpoint(3))],
    ['an old size over 64 bits', requestBody('18446744073709551616', [], honest.checkpoint(3))],
    ['a proof line that is no base64', requestBody(0, ['*'], honest.checkpoint(3))],
    ['a proof line of 31 bytes', requestBody(0, ['A'.repeat(42)], honest.checkpoint(3))],
    ['a proof line in base64url', requestBody(0, [`${'_'.repeat(43)}=`], honest.checkpoint(3))],
    ['a proof line with spare bits', requestBody(0, [`${'A'.repeat(42)}B=`], honest.checkpoint(3))],
    ['64 proof lines', requestBody(0, Array(64).fill(HASH), honest.checkpoint(3))],
    ['an unsigned checkpoint', requestBody(0, [], textOf(ORIGIN, 3, honest.root(3)))],
    ['a checkpoint without a last newline', requestBody(0, [], honest.checkpoint(3).slice(0, -1))],
    ['a control character', requestBody(0, [], honest.checkpoint(3).replace('\n', '\r\n'))],
    [
      'a size with a leading zero',
      requestBody(0, [], honest.sign(textOf(ORIGIN, '03', honest.root(3)))),
    ],
    [
      'a root of 20 bytes',
      requestBody(0, [], honest.sign(textOf(ORIGIN, 3, honest.root(3).subarray(0, 20)))),
    ],
    ['two lines of text', requestBody(0, [], honest.sign(`${ORIGIN}\n3\n`))],
    [
      'an empty extension line',
      requestBody(0, [], honest.sign(`${textOf(ORIGIN, 3, honest.root(3))}\nmore\n`)),
    ],
  ])('answers 400 to %s', (_, body) => {
    expect(witness.addCheckpoint(Buffer.from(body)).status).toBe(400);
    expect(grow(honest, 0, 3).status).toBe(200);
  });

  it('answers 400 to bytes that are not UTF-8', () => {
    const body = Buffer.concat([Buffer.from('old 0\n\n'), Buffer.of(0xff)]);
    expect(witness.addCheckpoint(body).status).toBe(400);
  });

  it('answers 400 to an old size above that of the checkpoint', () => {
    grow(honest, 0, 7);
    expect(grow(honest, 7, 3).status).toBe(400);
  });

  it('answers 404 to an origin that it does not know', () => {
    expect(grow(elsewhere, 0, 3).status).toBe(404);
  });

  it('answers 403 without a signature of a trusted key', () => {
    expect(grow(stranger, 0, 3).status).toBe(403);
    // The signature of another origin under the same key and the name of that origin.
    const text = textOf(ORIGIN, 3, honest.root(3));
    const other = `${text}\n${signatureLine(elsewhere.key, text)}\n`;
    expect(add(0, [], other).status).toBe(403);
  });

  it('answers 403 to a bad signature of a trusted key, also beside a good one', () => {
    const [good, other] = [honest.checkpoint(3), honest.checkpoint(4)].map((note) =>
      note.split('\n').slice(-2, -1).join(''),
    );
    const text = textOf(ORIGIN, 3, honest.root(3));
    expect(add(0, [], `${text}\n${other}\n`).status).toBe(403);
    expect(add(0, [], `${text}\n${good}\n${other}\n`).status).toBe(403);
    expect(add(0, [], `${text}\n${good}\n${good}\n`).status).toBe(200);
  });

  it('ignores signatures of unknown keys, and keeps none of them', () => {
    const text = textOf(ORIGIN, 3, honest.root(3));
    const unknown = signatureLine(stranger.key, text);
    const mlDsa = `— witness.example/w1 ${Buffer.alloc(4 + 8 + 2420, 7).toString('base64')}`;
    const note = `${honest.checkpoint(3)}${unknown}\n${mlDsa}\n`;
    expect(add(0, [], note).status).toBe(200);
    const served = witness.checkpoint(seed(ORIGIN).toString('hex')).body;
    expect(served).not.toContain(unknown);
    expect(served).not.toContain(mlDsa);
  });

  it('answers 409 with its size to another old size', () => {
    const conflict = (size: number) => ({
      status: 409,
      type: 'text/x.tlog.size',
      body: `${size}\n`,
    });
    expect(grow(honest, 3, 7)).toEqual(conflict(0));
    grow(honest, 0, 7);
    expect(grow(honest, 0, 9)).toEqual(conflict(7));
    expect(grow(honest, 3, 9)).toEqual(conflict(7));
    expect(grow(honest, 8, 9)).toEqual(conflict(7));
    // A smaller tree than the newest: the log was set back.
    expect(grow(honest, 3, 3)).toEqual(conflict(7));
  });

  it('answers 422 to a checkpoint of size 0 with another root than the empty tree', () => {
    for (const root of [Buffer.alloc(32), honest.root(1)]) {
      expect(add(0, [], honest.sign(textOf(ORIGIN, 0, root))).status).toBe(422);
    }
    expect(add(0, [], honest.sign(textOf(ORIGIN, 0, EMPTY_ROOT))).status).toBe(200);
    expect(grow(honest, 0, 3).status).toBe(200);
  });

  it('answers 422 to a proof from size 0', () => {
    expect(add(0, [HASH], honest.checkpoint(3)).status).toBe(422);
    expect(add(0, [HASH], honest.sign(textOf(ORIGIN, 0, EMPTY_ROOT))).status).toBe(422);
  });

  it('answers 422 to a proof that does not verify', () => {
    grow(honest, 0, 3);
    const proof = honest.proof(3, 7);
    for (const bad of [
      [],
      proof.slice(1),
      proof.slice(0, -1),
      [...proof, HASH],
      proof.toReversed(),
    ]) {
      expect(add(3, bad, honest.checkpoint(7)).status).toBe(422);
    }
    for (const index of proof.keys()) {
      expect(add(3, proof.with(index, HASH), honest.checkpoint(7)).status).toBe(422);
    }
    expect(add(3, proof, honest.checkpoint(7)).status).toBe(200);
  });

  it('answers 422 to the same size with another root, and to a proof between equal sizes', () => {
    grow(honest, 0, 7);
    expect(grow(forked, 7, 7).status).toBe(422);
    expect(add(7, [HASH], honest.checkpoint(7)).status).toBe(422);
    expect(grow(honest, 7, 7).status).toBe(200);
  });

  it('answers 422 to a fork, with every proof that the fork can make', () => {
    grow(honest, 0, 7);
    for (let old = 0; old <= 9; old++) {
      expect(add(7, forked.proof(old, 9), forked.checkpoint(9)).status).toBe(422);
    }
    expect(grow(honest, 7, 9).status).toBe(200);
  });

  it('accepts an honest log that grows between any two sizes up to 20', () => {
    for (let old = 1; old <= 20; old++) {
      for (let size = old; size <= 20; size++) {
        store.advance(ORIGIN, () => ({ size: BigInt(old), root: honest.root(old), note: '' }));
        expect(grow(honest, old, size).status, `${old} to ${size}`).toBe(200);
      }
    }
  });
});

describe('the memory of a witness', () => {
  it('remembers what it cosigned after a restart', () => {
    grow(honest, 0, 7);
    store.close();
    store = new WitnessStore(join(folder, 'state.sqlite'));
    witness = makeWitness();
    expect(grow(forked, 0, 9).status).toBe(409);
    expect(grow(honest, 7, 9).status).toBe(200);
  });

  it('is not advanced by a request that it refuses', () => {
    grow(honest, 0, 7);
    for (const log of [forked, stranger]) for (const old of [0, 3, 7]) grow(log, old, 9);
    expect(store.newest(ORIGIN)?.size).toBe(7n);
    expect(store.newest(ORIGIN)?.root).toEqual(honest.root(7));
  });

  it('keeps sizes beyond 53 bits exactly', () => {
    const size = '18446744073709551615';
    expect(add(0, [], honest.sign(textOf(ORIGIN, size, honest.root(3)))).status).toBe(200);
    expect(grow(honest, 0, 3)).toMatchObject({ status: 409, body: `${size}\n` });
  });

  it('serves the newest checkpoint with the line of the log and its own', () => {
    const path = seed(ORIGIN).toString('hex');
    expect(path).toBe('f2ddfa962cb3c418d68b532647098bf2e498d14796d820a32eb6a647456bccb9');
    expect(witness.checkpoint(path).status).toBe(404);
    const { body } = grow(honest, 0, 7);
    expect(witness.checkpoint(path)).toMatchObject({
      status: 200,
      body: `${honest.checkpoint(7)}${body}`,
    });
    expect(witness.checkpoint(seed('another origin').toString('hex')).status).toBe(404);
  });
});

it('shares no code with the logs that it watches', () => {
  const sources = join(import.meta.dirname, '../../witness');
  for (const file of readdirSync(sources)) {
    const imports = readFileSync(join(sources, file), 'utf8').matchAll(/from '([^']+)'/g);
    for (const [, path] of imports) expect(path).toMatch(/^(node:|\.\/)/);
  }
});
