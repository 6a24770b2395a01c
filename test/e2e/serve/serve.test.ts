import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deploymentKeyFile, workerSecretsFile } from '../../../src/key-file/index.ts';
import { admin, call, obtain, read, send } from '../agent.ts';
import { trailOf } from '../trail.ts';
import { createServed, type Served, type ServeProcess } from './served.ts';

/** `hewn serve`: the Workers on workerd alone, on one machine. */
let served: Served;
beforeAll(async () => {
  served = await createServed({ drill: 'every = 10' });
});
afterAll(() => served.close());

const reached = async () => ({ ...served, operator: await served.operator() });
const report = () => read(served.documents.reports[0] ?? '');
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

describe('a running server', () => {
  let server: ServeProcess;
  beforeAll(async () => {
    server = await served.serve();
  }, 120_000);

  test('mints, allows, denies, and stops after a revocation', async () => {
    const { token, workflow } = await obtain(await reached());
    expect(await send(await reached(), token, report())).toMatchObject({ status: 200 });
    expect(await send(await reached(), token, write())).toMatchObject({ status: 200 });
    const secret = await send(await reached(), token, read(served.documents.secret));
    expect(secret).toMatchObject({ code: 'no_grant' });
    const path = `workflows/${workflow}/revoke`;
    expect((await admin(await reached(), path, { reason: 'test' })).status).toBe(200);
    expect(await send(await reached(), token, write())).toMatchObject({ code: 'revoked' });
  });

  test('decides by the version of the folder, which it activated', async () => {
    expect(server.output.err).toMatch(/policy and catalogue: version [0-9a-f]{12} activated/);
    const { active } = (await (await admin(await reached(), 'versions/active')).json()) as {
      active: { by: string };
    };
    expect(active.by).toBe('serve');
  });

  test('records reach the audit log', async () => {
    const { token, workflow } = await obtain(await reached());
    await send(await reached(), token, report());
    const events = async () => (await trailOf(await reached(), workflow)).map(({ event }) => event);
    await expect.poll(events).toEqual(['mint', 'decision']);
  });

  test('is ready, and serves polled heads from its cache', async () => {
    for (const url of [served.issuer, served.audience]) {
      const ready = await fetch(`${url}/readyz`);
      expect(ready.status, await ready.text()).toBe(200);
    }
    const poll = () => fetch(`${served.issuer}/feed/v2/0/head?polled`);
    await (await poll()).text();
    const second = await poll();
    expect(second.headers.get('cf-cache-status')).toBe('HIT');
    await second.text();
  });

  test('counts requests by the header of the proxy, without a rate limit of the platform', async () => {
    const ask = (address: string) =>
      fetch(`${served.issuer}/token`, {
        method: 'POST',
        headers: { 'x-real-ip': address },
        body: new URLSearchParams({ grant_type: 'unknown' }),
      });
    const statuses = new Set<number>();
    for (let i = 0; i < 400 && !statuses.has(429); i++) {
      const answer = await ask('203.0.113.7');
      await answer.text();
      statuses.add(answer.status);
    }
    expect(statuses).toEqual(new Set([400, 429]));
    expect((await ask('203.0.113.8')).status).toBe(400);
  }, 60_000);

  test('runs the scheduled drill, without a cron trigger', async () => {
    const runs = async () =>
      ((await (await admin(await reached(), 'drill')).json()) as { runs: unknown[] }).runs;
    await expect.poll(runs, { timeout: 60_000, interval: 500 }).not.toEqual([]);
    expect((await runs()).at(-1)).toMatchObject({ shard: 0, seq: expect.any(Number) });
  }, 90_000);

  test('a second server on its state folder ends at once and says why', async () => {
    const { code, err } = await served.hewn(['serve']);
    expect(code).toBe(2);
    expect(err).toContain('another server runs on');
  });

  test('logs JSON lines', () => {
    const lines = server.output.out.trim().split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('level');
    const messages = lines.map((line) => JSON.parse(line).message as string);
    const decisions = messages.filter((message) => message.includes('"decision"'));
    expect(decisions.length).toBeGreaterThan(0);
    for (const decision of decisions) expect(JSON.parse(decision).event).toBe('decision');
  });

  test('answers requests in flight after SIGTERM, and exits with 0', async () => {
    const asking = request(`${served.issuer}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    const answered = once(asking, 'response');
    asking.write('grant_type=');
    const [socket] = (await once(asking, 'socket')) as [Socket];
    if (socket.connecting) await once(socket, 'connect');
    await sleep(1_000); // No one says when the server has read the request.
    const ended = server.stop();
    await sleep(300);
    asking.end('unknown');
    const [response] = (await answered) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(400);
    expect((await ended).code).toBe(0);
  }, 60_000);
});

describe('the next server on the same state', () => {
  test('keeps what was revoked, and continues living workflows', async () => {
    const first = await served.serve();
    const [living, revoked] = [await obtain(await reached()), await obtain(await reached())];
    const path = `workflows/${revoked.workflow}/revoke`;
    expect((await admin(await reached(), path, { reason: 'test' })).status).toBe(200);
    await first.stop();
    const policy = join(served.folder, 'policy/reports.datalog');
    const text = await readFile(policy, 'utf8');
    await writeFile(policy, `${text}\nallow if nonsense(\n`);
    const second = await served.serve();
    await writeFile(policy, text);
    expect(second.output.err).toContain('was not loaded, because it has faults');
    expect(await send(await reached(), living.token, write())).toMatchObject({ status: 200 });
    expect(await send(await reached(), revoked.token, write())).toMatchObject({ code: 'revoked' });
    await second.stop();
  }, 120_000);
});

describe('a server that cannot start', () => {
  test('names the environment variables of missing secrets', async () => {
    const file = join(served.folder, 'hewn.toml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('[providers', 'secrets = ["SIGNAL_KEY"]\n[providers'));
    const { code, err } = await served.hewn(['serve']);
    await writeFile(file, text);
    expect(code).toBe(2);
    expect(err).toContain('set the environment variables HEWN_ISSUER_SIGNAL_KEY');
  }, 60_000);

  test('generates no keys for state that belongs to others', async () => {
    const file = deploymentKeyFile(served.folder, 'production');
    await rename(file, `${file}.away`);
    const { code, err } = await served.hewn(['serve']);
    await rename(`${file}.away`, file);
    expect(code).toBe(2);
    expect(err).toContain('put the file back from its backup');
  }, 60_000);

  test('asks for a statement about the proxy', async () => {
    const file = join(served.folder, 'hewn.toml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.indexOf('[serve]')));
    const { code, err } = await served.hewn(['serve']);
    await writeFile(file, text);
    expect(code).toBe(2);
    expect(err).toContain('sourceHeader in [serve]');
  });

  test('says which port is in use', async () => {
    const server = await served.serve();
    const state = join(served.folder, 'other-state');
    const { code, err, out } = await served.hewn(['serve', '--state', state]);
    await server.stop();
    await rm(state, { recursive: true });
    expect(code).toBe(2);
    expect(`${out}${err}`).toContain('is in use by another program');
  }, 60_000);
});

test('a compiled program runs with secrets from its environment, behind flock', async () => {
  const program = join(served.folder, 'hewn-server');
  const keys = JSON.parse(await readFile(deploymentKeyFile(served.folder, 'production'), 'utf8'));
  const built = await served.hewn(['build', '--outfile', program]);
  expect(built.err).toBe('');
  expect(built.out).toContain('HEWN_ISSUER_MINT_KEYS');
  expect((await readFile(program)).includes(keys.feed.privateKey)).toBe(false);
  const env: Record<string, string> = {};
  for (const name of ['MINT_KEYS', 'FEED_KEY', 'OPERATOR_SHA256']) {
    const file = deploymentKeyFile(served.folder, 'production');
    const shown = await served.hewn(['keys', 'list', '--file', file, '--show-secret', name]);
    env[`HEWN_ISSUER_${name}`] = shown.out.trim();
  }
  env.HEWN_FEED_PUBLIC_KEY = keys.feed.publicKey;
  const own = workerSecretsFile(served.folder, 'production');
  env.HEWN_MAIN_CALLER_KEY = JSON.parse(await readFile(own, 'utf8')).main.CALLER_KEY;
  const state = join(served.folder, '.hewn/production/state');
  const args = ['-n', '-F', join(state, 'hewn.lock'), program, '-d', `state=${state}`];
  const server = spawn('flock', args, { env, stdio: 'ignore' });
  const ended = once(server, 'exit');
  await expect.poll(() => alive(), { timeout: 60_000 }).toBe(true);
  const { token } = await obtain(await reached());
  expect(await send(await reached(), token, write())).toMatchObject({ status: 200 });
  const second = await promisify(execFile)('flock', args).catch((error) => error.code);
  expect(second).toBe(1);
  expect((await served.hewn(['serve'])).err).toContain('another server runs on');
  server.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
}, 120_000);

const alive = () =>
  fetch(`${served.issuer}/healthz`).then(
    (response) => response.ok,
    () => false,
  );
