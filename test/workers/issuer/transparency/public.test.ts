import { reset } from 'cloudflare:test';
import { env as untyped } from 'cloudflare:workers';
import { afterEach, describe, expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/audit/index.ts';
import { fromHex } from '../../../../src/encoding.ts';
import { publicHex } from '../../../../src/signing-keys.ts';
import {
  checkConsistency,
  checkInclusion,
  decodeBundle,
  leafHash,
  noteKey,
  openNote,
  proveConsistency,
  proveInclusion,
  readCheckpoint,
  type Tile,
  tilePath,
} from '../../../../src/tlog/index.ts';
import { readRecords } from '../../../../workers/issuer/log/read.ts';
import { type IssuerEnv, transparencyLog } from '../../../../workers/issuer/platform/env.ts';
import { fetchIssuer, OPERATOR } from '../../../storage/dump/scene.ts';

/** A log as someone outside sees it, with its public key and no code of the issuer. */
const env = untyped as unknown as IssuerEnv;
const log = () => transparencyLog(env, 'control');
const ORIGIN = 'issuer.example/audit/control';

afterEach(() => reset());

let count = 0;
const records = (n: number): AuditRecord[] =>
  Array.from({ length: n }, () => {
    count += 1;
    return { event: 'rule_armed', id: `p.${count}`, at: count, rule: 'r', actor: 'o', reason: 'x' };
  });

const get = (path: string, credential?: string) =>
  fetchIssuer(`https://${path}`, {
    ...(credential && { headers: { authorization: `Bearer ${credential}` } }),
  });
const bytesOf = async (path: string, credential?: string) =>
  new Uint8Array(await (await get(path, credential)).arrayBuffer());
const tile = (of: Tile) => bytesOf(`${ORIGIN}/${tilePath(of)}`);

async function checkpoint() {
  const publicKey = fromHex(await publicHex(env.LOG_KEY ?? '')) ?? new Uint8Array();
  const note = await (await get(`${ORIGIN}/checkpoint`)).text();
  const opened = await openNote(note, [noteKey(ORIGIN, 'log', publicKey)]);
  const read = opened.ok ? readCheckpoint(opened.value.text) : opened;
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

describe('a log on the network', () => {
  test('proves each of its entries, and that it only grew', async () => {
    await log().append(records(300));
    await log().round();
    const before = await checkpoint();
    await log().append(records(260));
    await log().round();
    const after = await checkpoint();
    expect([before.size, after.size]).toEqual([300, 560]);
    const growth = { oldSize: 300, oldRoot: before.root, size: 560, root: after.root };
    const proof = await proveConsistency(300, 560, tile);
    expect(checkConsistency(growth, proof)).toBe(true);
    for (const index of [0, 255, 256, 299, 511, 512, 559]) {
      const bundle = Math.floor(index / 256);
      const width = bundle === 2 ? `.p/${560 - 512}` : '';
      const path = `${ORIGIN}/tile/entries/00${bundle}${width}`;
      const entry = decodeBundle(await bytesOf(path, OPERATOR))?.[index % 256] ?? new Uint8Array();
      const inclusion = { index, size: 560, leaf: leafHash(entry), root: after.root };
      const path2 = await proveInclusion(index, 560, tile);
      expect(checkInclusion(inclusion, path2), String(index)).toBe(true);
    }
  });

  test('serves nothing that its checkpoint does not cover, and no other spelling', async () => {
    await log().append(records(3));
    for (const path of ['checkpoint', 'tile/0/000.p/3']) {
      expect((await get(`${ORIGIN}/${path}`)).status, path).toBe(404);
    }
    await log().round();
    for (const path of ['tile/0/000.p/4', 'tile/0/000', 'tile/0/0.p/3', 'tile/1/000.p/1', 'tail']) {
      expect((await get(`${ORIGIN}/${path}`)).status, path).toBe(404);
    }
    expect((await get(`${ORIGIN}/tile/0/000.p/2`)).status).toBe(200);
    for (const name of ['control-77', 'feed-12', 'decisions-2-0', 'other', '..']) {
      expect((await get(`issuer.example/audit/${name}/checkpoint`)).status, name).toBe(404);
    }
  });

  test('shows its entries to operators and auditors, and its hashes to anyone', async () => {
    const auditor = 'auditor';
    await log().append(records(1));
    await log().round();
    const path = `${ORIGIN}/tile/entries/000.p/1`;
    expect((await get(path)).status).toBe(401);
    expect((await get(path, auditor)).status).toBe(401);
    const answer = await get(path, OPERATOR);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('private'),
    ]);
    expect((await get(`${ORIGIN}/tile/0/000.p/1`)).headers.get('cache-control')).toContain(
      'public, max-age=31536000, immutable',
    );
  });
});

test('the root log has the checkpoints of the others', async () => {
  await log().append(records(2));
  const { checkpoint: signed } = await log().round();
  await transparencyLog(env, 'decisions-1-3').append(records(1));
  await transparencyLog(env, 'decisions-1-3').round();
  await expect
    .poll(async () => (await transparencyLog(env, 'root').state()).size)
    .toBeGreaterThan(1);
  const root = await transparencyLog(env, 'root').round();
  expect(root.checkpoint?.size).toBe(2);
  const [first] = await readRecords(env, 'root', 0, 10);
  expect(first?.record).toMatchObject({ event: 'checkpoint', log: 'control' });
  expect(JSON.stringify(first?.record)).toContain(`${ORIGIN}\\n${signed?.size}\\n`);
});
