import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FeedClient } from '../../src/feed/index.ts';
import { signHead } from '../../src/feed/log/index.ts';
import { signingKey as importSigningKey } from '../../src/signing-keys.ts';
import { ED25519, sha256, signingKey, verifierKeyOf } from '../witness/note.ts';
import { startWitness, type WitnessProcess } from '../witness/start.ts';
import { activate } from './activate.ts';
import { call, obtain, read, send } from './agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './releases/stage.ts';

/** An issuer with three witnesses, each a process of its own, of which verifiers demand two. */
let stage: ReleaseStage;
let folder: string;
let policy: string;
const witnesses: WitnessProcess[] = [];

const seed = sha256('the log key of this test');
const origin = () => `${stage.issuer.replace('http://', '')}/feed/0`;
const logKey = () => verifierKeyOf(signingKey(origin(), ED25519, seed));

const start = async (index: number, port = 0): Promise<void> => {
  witnesses[index] = await startWitness({
    name: `witness.example/w${index}`,
    seed: sha256(`witness ${index}`),
    state: join(folder, `w${index}.sqlite`),
    logs: [logKey()],
    port,
  });
};
const kill = (index: number) => witnesses[index]?.kill();
const portOf = (index: number): number => Number(new URL(witnesses[index]?.url ?? '').port);

const run = (gateway: 'current' | typeof PREVIOUS) =>
  stage.run(
    { issuer: 'current', gateway },
    {
      issuerVars: { LOG_KEY: `ed25519-private/${seed.toString('hex')}`, WITNESSES: policy },
      gatewayVars: gateway === 'current' ? { FEED_WITNESSES: policy } : {},
    },
  );

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hewn-witnesses-'));
  stage = await openReleases();
  for (const index of [0, 1, 2]) await start(index);
  policy = [
    `log ${logKey()}`,
    ...witnesses.map(({ url, verifierKey }, index) => `witness w${index} ${verifierKey} ${url}`),
    'group all 2 w0 w1 w2',
    'quorum all',
  ].join('\n');
  await run('current');
}, 120_000);

afterAll(async () => {
  await Promise.all(witnesses.map((witness) => witness.kill()));
  await stage?.close();
  await rm(folder, { recursive: true, force: true });
});

const follow = (fetching: typeof fetch = stage.fetch) =>
  new FeedClient({
    issuer: stage.issuer,
    feedKey: stage.feed.publicKey,
    witnesses: policy,
    fetch: (path, init) => fetching(`${stage.issuer}${path}`, init as RequestInit),
    report: () => undefined,
  });

const within = { interval: 300 };
const report = () => read(stage.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const ageOf = ({ head }: FeedClient): number =>
  head ? Math.floor(Date.now() / 1000) - head.issued_at : Number.POSITIVE_INFINITY;

describe('an issuer with witnesses', () => {
  test('serves heads that a quorum has seen within the last seconds', async () => {
    const client = follow();
    await client.refresh();
    await expect.poll(() => client.refresh().then(() => ageOf(client)), within).toBeLessThan(3);
    // A new process has nothing but the answer.
    const second = follow();
    await second.refresh();
    expect(ageOf(second)).toBeLessThan(3);
    const served = await fetch(
      `${witnesses[0]?.url}/${sha256(origin()).toString('hex')}/checkpoint`,
    );
    expect(await served.text()).toContain(`${origin()}\n`);
  });

  test('lets a gateway that demands them allow and stop calls', async () => {
    const { token, workflow } = await obtain(stage);
    await expect.poll(async () => (await send(stage, token, write())).status, within).toBe(200);
    await stage.operate(`workflows/${workflow}/revoke`, { reason: 'drill' });
    expect(await send(stage, token, write())).toMatchObject({ code: 'revoked' });
    // A position with a stop is witnessed like any other.
    const other = await obtain(stage);
    expect((await send(stage, other.token, write())).status).toBe(200);
  });

  test('gives what changes in a head without an entry a position of its own', async () => {
    const client = follow();
    const before = await client.refresh();
    if (!before.ok) throw new Error(before.error.code);
    const policies = { 'policy/reports.datalog': await readFile('policy/reports.datalog', 'utf8') };
    const catalogue = `${await readFile('policy/tools.toml', 'utf8')}\n# changed\n`;
    await activate(stage, { policy: policies, catalogue });
    await expect
      .poll(() => client.refresh().then(() => client.head?.extensions?.map(({ name }) => name)), {
        timeout: 20_000,
      })
      .toEqual(['catalogue', 'checkpoint']);
    expect(client.head?.seq).toBeGreaterThan(before.value.seq);
    expect(ageOf(client)).toBeLessThan(3);
  });

  test('stops what is revoked without a quorum, and allows nothing new for long', async () => {
    const client = follow();
    await client.refresh();
    const { token, workflow } = await obtain(stage);
    const ports = [portOf(0), portOf(1)];
    await Promise.all([kill(0), kill(1)]);
    await stage.operate(`workflows/${workflow}/revoke`, { reason: 'drill' });
    await client.refresh();
    expect(client.position?.seq).toBeGreaterThan(client.head?.seq ?? 0);
    await expect
      .poll(async () => (await send(stage, token, report())).code, within)
      .toBe('revoked');
    const other = await obtain(stage);
    await expect
      .poll(async () => (await send(stage, other.token, write())).code, within)
      .toBe('head_stale');
    await Promise.all([start(0, ports[0]), start(1, ports[1])]);
    await expect
      .poll(async () => (await send(stage, other.token, write())).status, within)
      .toBe(200);
  }, 60_000);

  test('continues after a restart where it was', async () => {
    const before = follow();
    await before.refresh();
    await run('current');
    const after = follow();
    await expect.poll(() => after.refresh().then(() => ageOf(after)), within).toBeLessThan(3);
    expect(after.head?.seq).toBeGreaterThanOrEqual(before.head?.seq ?? 0);
  }, 60_000);

  test('leaves a thief of the feed key no head that gives power', async () => {
    const thief = await importSigningKey(`ed25519-private/${stage.feed.seed}`);
    const stolenKey = { id: 9, publicKey: 'ab'.repeat(32) };
    // The thief answers the verifier: the honest head, with a root key of the thief and fresh times.
    const forging: typeof fetch = async (input, init) => {
      const response = await stage.fetch(input, init);
      if (!String(input).includes('/head')) return response;
      const { payload } = (await response.json()) as { payload: string };
      const head = JSON.parse(Buffer.from(payload, 'base64url').toString());
      const now = Math.floor(Date.now() / 1000) + 30;
      const forged = { ...head, keys: [...head.keys, stolenKey], issued_at: now, next_update: now };
      const signed = await signHead(
        forged,
        async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', thief, bytes)),
      );
      return Response.json(signed);
    };
    const victim = follow(forging);
    await victim.refresh();
    expect(victim.head).toBeUndefined();
    const believer = new FeedClient({
      issuer: stage.issuer,
      feedKey: stage.feed.publicKey,
      fetch: (path, init) => forging(`${stage.issuer}${path}`, init as RequestInit),
    });
    await believer.refresh();
    expect(believer.head?.keys).toContainEqual(stolenKey);
  });
});

test(`a gateway of ${PREVIOUS} works with the heads of an issuer with witnesses`, async () => {
  await run(PREVIOUS);
  const { token, workflow } = await obtain(stage);
  await expect.poll(async () => (await send(stage, token, write())).status, within).toBe(200);
  await stage.operate(`workflows/${workflow}/revoke`, { reason: 'drill' });
  await expect.poll(async () => (await send(stage, token, report())).code, within).toBe('revoked');
}, 90_000);
