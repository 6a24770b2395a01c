import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { activate } from '../activate.ts';
import { call, obtain, read, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

let stage: ReleaseStage;
beforeAll(async () => {
  stage = await openReleases();
  await stage.run({ issuer: 'current', gateway: PREVIOUS });
}, 120_000);
afterAll(() => stage?.close());

const WRITING = 'name = "mcp/files/write_file"';
const READING = 'name = "mcp/files/read_text_file"';
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const report = () => read(stage.documents.reports[0] ?? '');

/** Activates today's catalogue with a change. */
async function activateChanged(change: (catalogue: string) => string): Promise<void> {
  const catalogue = change(await readFile('policy/tools.toml', 'utf8'));
  const policy = { 'policy/reports.datalog': await readFile('policy/reports.datalog', 'utf8') };
  await activate(stage, { policy, catalogue });
}

const within = { interval: 500 };
const statusOf = (token: string, message: object) => async () =>
  (await send(stage, token, message)).status;
const codeOf = (token: string, message: object) => async () =>
  (await send(stage, token, message)).code;

test('a gateway of the previous release judges by an activated catalogue of its own format', async () => {
  const { token } = await obtain(stage);
  expect(await send(stage, token, write())).toMatchObject({ status: 200 });
  await activateChanged((catalogue) => `${catalogue}\n# of the new version\n`);
  await expect.poll(statusOf(token, write()), within).toBe(200);
  const later = await obtain(stage);
  expect(await send(stage, later.token, write())).toMatchObject({ status: 200 });
}, 60_000);

// The release before cannot read the catalogue, so it does not know what of it changed.
test.each([
  ['content', WRITING, `${WRITING}\ncontent = ["/content"]`],
  ['mode', READING, `${READING}\nmode = "observe"`],
])(
  'a gateway of the previous release denies writes under a catalogue with the new key %s, and judges reads by the last one that it could read',
  async (_, place, changed) => {
    const before = await obtain(stage);
    await activateChanged((catalogue) => catalogue.replace(place, changed));
    await expect.poll(codeOf(before.token, write()), within).toBe('catalogue_unavailable');
    const later = await obtain(stage);
    for (const { token } of [before, later]) {
      expect(await send(stage, token, report())).toMatchObject({ status: 200 });
      expect(await send(stage, token, read(stage.documents.secret))).toMatchObject({
        code: 'no_grant',
      });
      expect(await send(stage, token, write())).toMatchObject({ code: 'catalogue_unavailable' });
    }
    expect(await send(stage, '', report())).toMatchObject({ status: 401 });
    await activateChanged((catalogue) => `${catalogue}\n# readable again: ${place}\n`);
    await expect.poll(statusOf(later.token, write()), within).toBe(200);
  },
  90_000,
);
