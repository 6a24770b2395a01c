import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { carryOut, type DeployTools } from '../../../src/deploy/carry-out.ts';
import type { DeployStep } from '../../../src/deploy/plan.ts';
import { fromHex, toBase64Url } from '../../../src/encoding.ts';
import { generateKeyFile } from '../../../src/key-file/contents.ts';
import { ok } from '../../../src/result.ts';

const URL = 'https://issuer.example';
const keys = generateKeyFile(0);
const others = generateKeyFile(0);

const x = (hex: string): string => toBase64Url(fromHex(hex) ?? new Uint8Array());
const jwksOf = ({ feed, mint }: typeof keys) =>
  Response.json({
    keys: [
      ...mint.map(({ publicKey }) => ({ x: x(publicKey), hewn_use: 'mint' })),
      { x: x(feed.publicKey), hewn_use: 'feed' },
    ],
  });

const STEPS: readonly DeployStep[] = [
  {
    kind: 'upload',
    changes: true,
    role: 'issuer',
    worker: 'acme-issuer',
    boundTo: [],
    configPath: 'wrangler.json',
    args: ['deploy'],
    secrets: [],
    fingerprint: 'one',
  },
  { kind: 'compare', changes: false, url: URL },
  { kind: 'doctor', changes: false, environment: 'production' },
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-carry-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(tools: Partial<DeployTools>) {
  let slept = 0;
  const all: DeployTools = {
    fetch: async () => jwksOf(keys),
    now: () => new Date(0),
    sleep: async () => {
      slept += 1;
    },
    wrangler: async () => ok(''),
    headFault: async () => undefined,
    versions: {} as DeployTools['versions'],
    publish: async () => ({ count: 0, unpublished: [] }),
    doctor: async () => ok('healthy'),
    ...tools,
  };
  const deploying = {
    stateFolder: folder,
    stateFile: join(folder, 'deployed.json'),
    state: { workers: {} },
    keys,
    secrets: new Map(),
    version: { policy: {}, catalogue: '' },
    replace: undefined,
  };
  const reports = await carryOut(STEPS, deploying, all, () => undefined);
  return { reports, slept, state: await readFile(deploying.stateFile, 'utf8') };
}

describe('after the upload of the issuer', () => {
  test('the deployment waits until it answers with the keys of the folder', async () => {
    let asked = 0;
    const answers = [() => new Response('not yet', { status: 404 }), () => jwksOf(others)];
    const fetching = async () => (answers[asked++] ?? (() => jwksOf(keys)))();
    const { reports, slept } = await run({ fetch: fetching });
    expect(reports.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done']);
    expect(slept).toBe(2);
  });

  test.each<[string, Partial<DeployTools>, string]>([
    ['other keys', { fetch: async () => jwksOf(others) }, 'other keys than this folder'],
    ['a parked page', { fetch: async () => new Response('<h1>', { status: 522 }) }, 'HTTP 522'],
    ['no valid feed', { headFault: async () => 'serves a feed that is not valid' }, 'not valid'],
    [
      'nothing',
      { fetch: () => Promise.reject(new TypeError('x', { cause: { code: 'ENOTFOUND' } })) },
      'does not exist. Check that its zone',
    ],
  ])('it fails within a bound if there is %s, and keeps what it did', async (_, tools, why) => {
    const { reports, slept, state } = await run(tools);
    expect(reports.at(-1)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining(why),
    });
    expect(slept).toBeLessThan(100);
    expect(JSON.parse(state)).toMatchObject({ workers: { 'acme-issuer': { fingerprint: 'one' } } });
  });
});
