import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, obtain, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await openReleases();
  await stage.run({ issuer: 'current', gateway: PREVIOUS });
}, 120_000);
afterAll(() => stage?.close());

const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

test('a gateway of the previous release judges by an activated catalogue of its own format', async () => {
  const { token } = await obtain(stage);
  expect(await send(stage, token, write())).toMatchObject({ status: 200 });
  const version = {
    policy: { 'policy/reports.datalog': await readFile('policy/reports.datalog', 'utf8') },
    catalogue: `${await readFile('policy/tools.toml', 'utf8')}\n# of the new version\n`,
  };
  const { id } = await stage.operate('versions', { ...version, reason: 'test' });
  await stage.operate(`versions/${id}/activate`, { expects: null, reason: 'test' });
  const status = async () => (await send(stage, token, write())).status;
  await expect.poll(status, { timeout: 20_000, interval: 500 }).toBe(200);
  const later = await obtain(stage);
  expect(await send(stage, later.token, write())).toMatchObject({ status: 200 });
}, 60_000);
