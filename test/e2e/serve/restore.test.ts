import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Capability } from '../../../src/agent/index.ts';
import { FeedClient } from '../../../src/feed/index.ts';
import { deploymentKeyFile, readKeyFile } from '../../../src/key-file/index.ts';
import { createVerifier } from '../../../src/verifier/index.ts';
import { admin, call, exchange, GRANTS, obtain, read, send, TASK } from '../agent.ts';
import { createServed, type Served, type ServeProcess } from './served.ts';

/** A lost state folder, in the order of the tests: what a restore brings back, and what it stops. */
let served: Served;
let server: ServeProcess;
let verifier: { client: FeedClient; isRevoked: (held: Capability) => Promise<boolean> };
const held: Record<'living' | 'revokedBefore' | 'revokedAfter', Capability> = {} as never;

beforeAll(async () => {
  served = await createServed();
  server = await served.serve();
}, 120_000);
afterAll(() => served.close());

const reached = async () => ({ ...served, operator: await served.operator() });
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const state = () => join(served.folder, '.hewn/production/state');
const backupFolder = () => join(served.folder, 'backup');
const revoke = async ({ workflow }: Capability) => {
  const answer = await admin(await reached(), `workflows/${workflow}/revoke`, { reason: 'test' });
  expect(answer.status).toBe(200);
};

/** A verifier elsewhere, which keeps its copy of the feed over the restore. */
async function openVerifier(): Promise<typeof verifier> {
  const keys = await readKeyFile(deploymentKeyFile(served.folder, 'production'));
  if (!keys.ok) throw new Error('no keys');
  const { issuer, audience } = served;
  const client = new FeedClient({
    issuer,
    feedKey: keys.value.feed.publicKey,
    fetch: (path, init) => fetch(issuer + path, init),
  });
  const subject = createVerifier({ issuer, audience, keys: 'feed', feed: client });
  return {
    client,
    isRevoked: async ({ token }) => {
      const route = { tool: 'mcp/files/read_text_file', action: 'read', tier: 1 } as const;
      const request = { ...route, dataset: 'files/reports/q1.md', args: {} };
      const decision = await subject.verify(token, request);
      return !decision.allowed && decision.denial.code === 'revoked';
    },
  };
}

test('a running server is backed up', async () => {
  for (const name of ['living', 'revokedBefore', 'revokedAfter'] as const) {
    held[name] = await obtain(await reached());
  }
  await revoke(held.revokedBefore);
  const backup = await served.hewn(['backup', '--to', backupFolder()]);
  expect(backup).toMatchObject({ code: 0, err: '' });
  expect(backup.out).toMatch(/issuer-Workflow +2 files/);
  await revoke(held.revokedAfter);
  verifier = await openVerifier();
  await verifier.client.refresh();
  expect(await verifier.isRevoked(held.revokedAfter)).toBe(true);
  expect(await verifier.isRevoked(held.living)).toBe(false);
}, 60_000);

test('a restore is refused while a server runs, and over a state', async () => {
  const restore = () => served.hewn(['restore', '--from', backupFolder()]);
  expect(await restore()).toMatchObject({
    code: 2,
    err: expect.stringContaining('another server'),
  });
  await server.stop();
  expect(await restore()).toMatchObject({
    code: 2,
    err: expect.stringContaining('a state already'),
  });
}, 60_000);

test('a damaged backup is refused, and changes nothing', async () => {
  const folder = join(backupFolder(), 'issuer-AuditLog');
  const [name = ''] = (await readdir(folder)).filter((one) => one !== 'metadata.sqlite');
  await rename(join(folder, name), join(folder, 'kept'));
  await writeFile(join(folder, name), 'not a database');
  const { code, err } = await served.hewn(['restore', '--replace', '--from', backupFolder()]);
  expect([code, err]).toEqual([2, expect.stringContaining('is not the file that was backed up')]);
  await rename(join(folder, 'kept'), join(folder, name));
  expect(await readdir(state())).toContain('issuer-AuditLog');
}, 60_000);

test('a restore into an empty folder is a start that no verifier rejects', async () => {
  await rm(state(), { recursive: true });
  const restored = await served.hewn(['restore', '--from', backupFolder()]);
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toContain('The revocation log ended at 1.1.');
  // What the logs signed after the backup is lost, so the server may not sign under their names.
  const [, generation = ''] = /Set generation = (\d+) in \[audit\]/.exec(restored.out) ?? [];
  expect(generation).not.toBe('');
  expect(await served.hewn(['serve'])).toMatchObject({
    code: 2,
    err: expect.stringContaining(`set generation = ${generation}`),
  });
  await appendFile(join(served.folder, 'hewn.toml'), `\n[audit]\ngeneration = ${generation}\n`);
  server = await served.serve();
  const before = verifier.client.head;
  expect(await verifier.client.refresh()).toMatchObject({ ok: true });
  expect(verifier.client.head?.epoch).toBeGreaterThan(before?.epoch ?? Number.POSITIVE_INFINITY);
}, 60_000);

test('nothing that was revoked is accepted, by verifiers that knew of it and those that did not', async () => {
  for (const one of Object.values(held)) {
    // The gateway has lost its copy of the feed, and the revocation after the backup with it.
    expect(await send(await reached(), one.token, write())).toMatchObject({ code: 'revoked' });
    expect(await verifier.isRevoked(one)).toBe(true);
  }
});

test('no workflow of before continues, and new ones work', async () => {
  for (const { workflow } of [held.living, held.revokedAfter]) {
    const task = [{ type: 'hewn_task', task: TASK, grants: GRANTS, workflow }];
    const again = await exchange(await reached(), { authorization_details: JSON.stringify(task) });
    expect(again.status, JSON.stringify(again.body)).toBe(400);
    expect(again.body.error).toBe('invalid_grant');
  }
  const { token } = await obtain(await reached());
  expect(await send(await reached(), token, read('reports/q1.md'))).toMatchObject({ status: 200 });
});

test('the audit log is whole, and says what it does not have', async () => {
  const records = async () => {
    const answer = await admin(await reached(), 'audit?limit=1000');
    return (await answer.json()) as { records: { record: { reason?: string } }[] };
  };
  const missing = async () =>
    (await records()).records.find(({ record }) =>
      record.reason?.includes('restored from a backup'),
    );
  await expect.poll(missing).toBeTruthy();
});

test('the logs continue under new names, and say what they had under the old ones', async () => {
  const [, generation] = /generation = (\d+)/.exec(
    await readFile(join(served.folder, 'hewn.toml'), 'utf8'),
  ) ?? [''];
  const { records } = (await (await admin(await reached(), 'audit?limit=1000')).json()) as {
    records: {
      log: string;
      index: number;
      record: { id: string; after?: { log: string; size: number } };
    }[];
  };
  const opened = records.find(({ record }) => record.id === `opened.control.${generation}`);
  expect(opened?.record.after?.log).toBe('control');
  expect(opened?.record.after?.size).toBeLessThanOrEqual(opened?.index ?? -1);
  const receipt = await admin(await reached(), `audit/logs/control/receipts/${opened?.index}`);
  const host = new URL(served.issuer).host;
  expect(JSON.stringify(await receipt.json())).toContain(
    `\\n${host}/${generation}/audit/control\\n`,
  );
  const keys = await served.hewn(['keys', 'list', '--file', '.hewn/production/keys.json']);
  expect(keys.out).toContain(`${host}/${generation}/audit/control+`);
}, 60_000);

test('a second restore of the same backup takes over what the state before knew', async () => {
  const late = await obtain(await reached());
  await revoke(late);
  await verifier.client.refresh();
  await server.stop();
  const restored = await served.hewn(['restore', '--replace', '--from', backupFolder()]);
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toMatch(/[1-9]\d* later entries came from its log/);
  server = await served.serve();
  expect(await verifier.client.refresh()).toMatchObject({ ok: true });
  expect(await verifier.isRevoked(late)).toBe(true);
  expect(await send(await reached(), late.token, write())).toMatchObject({ code: 'revoked' });
  await server.stop();
}, 60_000);

test('a backup can be one file', async () => {
  const file = join(served.folder, 'backup.tar.gz');
  expect(await served.hewn(['backup', '--to', file])).toMatchObject({ code: 0, err: '' });
  // It has the names of people, and the credentials of receivers of signals.
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await served.hewn(['backup', '--to', file])).toMatchObject({
    code: 2,
    err: expect.stringContaining('exists already'),
  });
  const other = ['--state', join(served.folder, 'elsewhere')];
  const restored = await served.hewn(['restore', '--from', file, ...other]);
  expect(restored).toMatchObject({ code: 0, err: '' });
}, 60_000);
