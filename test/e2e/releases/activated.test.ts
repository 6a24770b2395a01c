import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, obtain, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

/** Why verifiers are upgraded before a version is activated (docs/upgrading.md). */
let stage: ReleaseStage;
beforeAll(async () => {
  stage = await openReleases();
  await stage.run({ issuer: 'current', gateway: PREVIOUS });
}, 120_000);
afterAll(() => stage?.close());

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

test('a gateway of 0.2.0 fails closed after an activation, until the issuer is rolled back', async () => {
  const { token } = await obtain(stage);
  expect(await send(stage, token, write())).toMatchObject({ status: 200 });
  const version = {
    policy: { 'policy/reports.datalog': await readFile('policy/reports.datalog', 'utf8') },
    catalogue: await readFile('policy/tools.toml', 'utf8'),
  };
  const { id } = await stage.operate('versions', { ...version, reason: 'test' });
  await stage.operate(`versions/${id}/activate`, { expects: null, reason: 'test' });
  const status = async () => (await send(stage, token, write())).status;
  await expect.poll(status, { timeout: 20_000, interval: 500 }).not.toBe(200);
  await stage.run({ issuer: PREVIOUS, gateway: PREVIOUS });
  expect(await status()).toBe(200);
}, 60_000);
