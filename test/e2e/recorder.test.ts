import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createRecordedApi } from '../../examples/recorded-api.ts';
import type { ExportedRecord } from '../../src/audit/export/index.ts';
import { type Grant, narrow } from '../../src/capability/index.ts';
import { admin, obtain } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { missingOf, searchLogs } from './trail.ts';

/** Servers in Node with a credential of their own: what they record and count at the issuer. */

const SEND: Grant = { tool: 'mcp/mail/send_message', action: 'write', dataset: 'mail' };
const READ: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};
/** As the policy has it for this tool. */
const SENT_MAX = 10;
const TO = { to: ['ada@acme.example'], subject: 's', body: 'b' };

let stage: Stage;
let feedKey: string;
let opened: readonly (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  stage = await openStage({ rules: 'act' });
  const answer = await stage.fetch(`${stage.issuer}/.well-known/jwks.json`);
  const { keys } = (await answer.json()) as { keys: { hewn_use: string; x: string }[] };
  feedKey = keys.find(({ hewn_use }) => hewn_use === 'feed')?.x ?? '';
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
  await Promise.all(opened.map((close) => close()));
  opened = [];
});
afterAll(() => stage.close());

interface Api {
  readonly verifier: string;
  /** Sends a message, or reads a report: the status of the answer. */
  readonly call: (token: string, what: 'send' | 'read') => Promise<number>;
  /** Whether the issuer can be reached, and only for its records or for everything. */
  readonly reach: { down: 'nothing' | 'records' | 'all' };
  /** Ends as a server does that gets a signal. */
  readonly close: () => Promise<boolean>;
}

const PATHS = { send: '/messages', read: '/report' } as const;

async function openApi(credential: string = stage.verifier): Promise<Api> {
  const reach: Api['reach'] = { down: 'nothing' };
  const service = async (url: string, init?: RequestInit): Promise<Response> => {
    const isDown = reach.down === 'all' || (reach.down === 'records' && url.endsWith('/records'));
    if (isDown) throw new TypeError('fetch failed');
    return stage.fetch(url, init);
  };
  const { issuer, audience } = stage;
  const api = createRecordedApi({ issuer, audience, feedKey, credential, service });
  const { server, verifier } = api;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let closing: Promise<boolean> | undefined;
  const close = () => {
    closing ??= api.close();
    return closing;
  };
  opened = [...opened, close];
  const call: Api['call'] = async (token, what) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const sending = what === 'send' ? { method: 'POST', body: JSON.stringify(TO) } : {};
    const response = await fetch(`${url}${PATHS[what]}`, { headers, ...sending });
    await response.body?.cancel();
    return response.status;
  };
  return { verifier, call, reach, close };
}

async function log(): Promise<readonly ExportedRecord[]> {
  const records = await searchLogs(stage);
  expect(missingOf(records)).toEqual([]);
  return records;
}

/** The records of a verifier, by the name that it has for itself, and the shard of the log. */
const recordsOf = async ({ verifier }: Api) =>
  (await log()).flatMap(({ record }) =>
    'verifier' in record && record.verifier.replace(/-[0-3]$/, '').endsWith(`:${verifier}`)
      ? [record]
      : [],
  );
const stateOf = async (workflow: string) =>
  ((await (await admin(stage, `workflows/${workflow}`)).json()) as { state: string }).state;

const count = (statuses: readonly number[], status: number) =>
  statuses.filter((one) => one === status).length;

describe('a server in Node with a credential of its own', () => {
  test('writes each decision to the log, with its outcome', async () => {
    const api = await openApi();
    const { token, workflow } = await obtain(stage, [READ]);
    expect(await api.call(token, 'read')).toBe(200);
    expect(await api.call('', 'read')).toBe(401);
    expect(await api.close()).toBe(true);
    expect(await recordsOf(api)).toMatchObject([
      {
        event: 'decision',
        n: 1,
        workflow,
        method: 'GET',
        allowed: true,
        outcome: { status: 200, result: 'ok' },
      },
    ]);
  });

  test('exhausts a budget exactly, together with another one of the same credential', async () => {
    const [one, two] = [await openApi(), await openApi()];
    const { token, workflow } = await obtain(stage, [SEND]);
    const calls = Array.from({ length: SENT_MAX + 6 }, (_, i) => (i % 2 ? one : two));
    const statuses = await Promise.all(calls.map((api) => api.call(token, 'send')));
    expect([count(statuses, 200), count(statuses, 403)]).toEqual([SENT_MAX, 6]);
    expect(await stateOf(workflow)).toBe('suspended');
    expect([await one.close(), await two.close()]).toEqual([true, true]);
    const records = [...(await recordsOf(one)), ...(await recordsOf(two))];
    const made = records.filter((one) => one.event === 'decision' && one.allowed);
    expect(made).toHaveLength(SENT_MAX);
    const announced = records.filter(({ event }) => event === 'dispatch').map(({ id }) => id);
    for (const one of made) expect(announced).toContain('dispatch' in one && one.dispatch);
  });

  test('lets a deviation rule stop an agent that goes astray there', async () => {
    const api = await openApi();
    const { token, workflow } = await obtain(stage, [READ]);
    const narrowed = await narrow(token, { dataset: 'files/reports/q2.md' });
    if (!narrowed.ok) throw new Error(narrowed.error.code);
    for (let i = 0; i < 3; i++) expect(await api.call(narrowed.value, 'read')).toBe(403);
    expect(await api.close()).toBe(true);
    expect(await stateOf(workflow)).toBe('suspended');
  });

  test('loses no record in an outage of the issuer, and makes no irreversible call in it', async () => {
    const api = await openApi();
    const { token, workflow } = await obtain(stage, [READ, SEND]);
    expect(await api.call(token, 'read')).toBe(200);
    api.reach.down = 'all';
    expect(await api.call(token, 'read')).toBe(200);
    expect(await api.call(token, 'send')).toBe(503);
    api.reach.down = 'nothing';
    // The feed asks again after a while.
    await expect.poll(() => api.call(token, 'send')).toBe(200);
    expect(await api.close()).toBe(true);
    const own = (await recordsOf(api)).filter((record) => record.workflow === workflow);
    const numbers = own.flatMap((record) => ('n' in record ? [record.n] : []));
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
    expect(own.filter(({ event }) => event === 'gap')).toEqual([]);
    const reads = own.filter((record) => 'tool' in record && record.tool === READ.tool);
    expect(reads).toHaveLength(2);
  });

  test('leaves a gap in the log if it is killed before its records are sent', async () => {
    const api = await openApi();
    const { token } = await obtain(stage, [READ]);
    expect(await api.call(token, 'read')).toBe(200);
    await expect.poll(async () => (await recordsOf(api)).length).toBe(1);
    api.reach.down = 'records';
    for (let i = 0; i < 3; i++) expect(await api.call(token, 'read')).toBe(200);
    // Its count goes with the position, a moment after the records are late: they wait 2 s first.
    await new Promise((passed) => setTimeout(passed, 2_500));
    expect(await api.call(token, 'read')).toBe(200);
    await new Promise((passed) => setTimeout(passed, 500));
    api.reach.down = 'all';
    const gaps = async () => (await recordsOf(api)).filter(({ event }) => event === 'gap');
    await expect.poll(gaps, { timeout: 60_000, interval: 1_000 }).toMatchObject([{ after: 1 }]);
  }, 90_000);

  test('neither records nor counts with the credential of another audience', async () => {
    const api = await openApi(stage.otherVerifier);
    const { token, workflow } = await obtain(stage, [READ, SEND]);
    expect(await api.call(token, 'read')).toBe(200);
    expect(await api.call(token, 'send')).toBe(403);
    const narrowed = await narrow(token, { dataset: 'files/reports/q2.md' });
    if (!narrowed.ok) throw new Error(narrowed.error.code);
    for (let i = 0; i < 3; i++) expect(await api.call(narrowed.value, 'read')).toBe(403);
    await api.close();
    expect(await stateOf(workflow)).toBe('active');
    const written = await recordsOf(api);
    expect(written.filter((record) => record.workflow === workflow)).toEqual([]);
  });

  test('writes nothing with a credential that is not valid, and still serves reads', async () => {
    const api = await openApi('a guess');
    const { token } = await obtain(stage, [READ, SEND]);
    expect(await api.call(token, 'read')).toBe(200);
    expect(await api.call(token, 'send')).toBe(503);
    expect(await recordsOf(api)).toEqual([]);
  });
});
