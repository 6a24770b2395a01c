import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fetchCatalogue } from '../../src/agent/index.ts';
import type { AuditRecord } from '../../src/audit/index.ts';
import { catalogueHash } from '../../src/version/index.ts';
import { admin, call, obtain, read, send } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';
import { CALM, type Forecast } from './weather/forecast.ts';

/** A version of policy and catalogue is activated while an agent works. */

let stage: Stage;
/** The version that is active; null before the first. */
let active: string | null = null;
let tools: string;
let policy: string;

beforeAll(async () => {
  tools = await readFile('policy/tools.toml', 'utf8');
  policy = await readFile('policy/reports.datalog', 'utf8');
  stage = await openStage({ between: 'weather' });
});
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
  await forecast(CALM);
});
afterAll(() => stage.close());

async function forecast(next: Forecast): Promise<void> {
  await stage.harness
    .getWorker('weather')
    .fetch('http://weather.test/', { method: 'POST', body: JSON.stringify(next) });
}

/** Loads and activates the policy of this repository with a catalogue. Returns the hash. */
async function activate(catalogue: string): Promise<string> {
  const reason = 'test';
  const version = { policy: { 'policy/reports.datalog': policy }, catalogue };
  const loaded = await admin(stage, 'versions', { ...version, reason });
  const { id, catalogue_hash } = (await loaded.json()) as { id: string; catalogue_hash: string };
  const activated = await admin(stage, `versions/${id}/activate`, { expects: active, reason });
  expect([loaded.status, activated.status]).toEqual([200, 200]);
  active = id;
  return catalogue_hash;
}

const READ = '[[tool]]\nname = "mcp/files/read_text_file"\naction = "read"\n';
/** `read_text_file` is irreversible now, and takes a path only. */
const stricter = () =>
  tools.replace(
    `${READ}tier = 1\narguments = ["path", "head", "tail"]`,
    `${READ}tier = 3\narguments = ["path"]`,
  );
const report = () => stage.documents.reports[0] ?? '';
const firstLine = () => call('read_text_file', { path: report(), head: 1 });
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

/** The gateway remembers its checks for a second. */
const ready = async () => (await stage.fetch(`${stage.audience}/readyz`)).status;

/** Sends a message every 50 ms until an answer has this code. Returns it and the time it took. */
async function sendUntil(token: string, message: unknown, code: string | undefined) {
  const started = performance.now();
  for (;;) {
    const answer = await send(stage, token, message);
    const milliseconds = performance.now() - started;
    if (answer.code === code) return { ...answer, milliseconds };
    if (milliseconds > 10_000) throw new Error(`still ${answer.status} ${answer.code}`);
    await sleep(50);
  }
}

async function decisions(workflow: string): Promise<readonly AuditRecord[]> {
  return (await trailOf(stage, workflow)).filter(({ event }) => event === 'decision');
}

describe('a catalogue that is activated while an agent works', () => {
  test('judges its next call within two seconds, and a denial says what changed', async () => {
    const { token, workflow } = await obtain(stage);
    expect(await send(stage, token, firstLine())).toMatchObject({ status: 200 });
    expect(stricter()).not.toBe(tools);
    const judged = await activate(stricter());
    const minted = await catalogueHash(tools);

    const denied = await sendUntil(token, firstLine(), 'argument_unlisted');
    // A gateway polls its feed once a second while calls arrive.
    expect(denied.milliseconds).toBeLessThan(2_000);
    expect(denied.body).toMatchObject({
      error: {
        message: expect.stringContaining(
          `Minted under catalogue ${minted.slice(0, 12)}, judged by`,
        ),
        data: {
          catalogue: {
            minted,
            judged,
            differences: [
              'the tier is 3 instead of 1',
              'the argument head is no longer listed',
              'the argument tail is no longer listed',
            ],
          },
        },
      },
    });

    expect(await send(stage, token, read(report()))).toMatchObject({ status: 200 });
    const lastDecision = async () => (await decisions(workflow)).at(-1);
    await expect
      .poll(lastDecision)
      .toMatchObject({ allowed: true, tier: 3, catalogue: { judged, minted } });
  });

  test('is the one that a new capability names, and that its agent fetches', async () => {
    const { issuer, fetch } = stage;
    const capability = await obtain(stage);
    const fetched = await fetchCatalogue({ issuer, capability, fetch });
    const tool = fetched.ok ? fetched.value.get('mcp/files/read_text_file') : undefined;
    expect(tool).toMatchObject({ tier: 3, arguments: ['path'] });
    const { body } = await sendUntil(capability.token, firstLine(), 'argument_unlisted');
    // Minted under the catalogue that judges: nothing has changed.
    expect(body).toMatchObject({ error: { message: 'An argument is not in the catalogue.' } });
  });

  test.each<[string, NonNullable<Forecast['catalogues']>]>([
    ['cannot be fetched', 'lost'],
    ['is changed by a mirror', 'changed'],
  ])('and %s stops writes, and leaves reads to the one before', async (_, catalogues) => {
    const { token } = await obtain(stage);
    const before = await activate(tools);
    await sendUntil(token, firstLine(), undefined);
    await forecast({ ...CALM, catalogues });
    const named = await activate(`${stricter()}\n# ${catalogues}\n`);

    const denied = await sendUntil(token, write(), 'catalogue_unavailable');
    expect(denied).toMatchObject({ status: 503 });
    expect(await send(stage, token, firstLine())).toMatchObject({ status: 200 });
    expect(before).not.toBe(named);
    await expect.poll(ready).toBe(503);

    await forecast(CALM);
    await sendUntil(token, firstLine(), 'argument_unlisted');
    expect(await send(stage, token, write())).toMatchObject({ status: 200 });
    await expect.poll(ready).toBe(200);
  });
});
