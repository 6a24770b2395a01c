import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { call, obtain, read, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

/** A gateway of today that uses what is new in its catalogue and routes, beside an older issuer. */
let stage: ReleaseStage;

const DIGEST = 'ab'.repeat(32);
const READING = 'name = "mcp/files/read_text_file"';
const WRITING = 'name = "mcp/files/write_file"';

beforeAll(async () => {
  stage = await openReleases();
  const { files, mail } = stage.servers;
  const at = { addresses: ['127.0.0.1'], caller: 'none' };
  const upstreams = {
    files: { url: files, mode: 'observe', ...at },
    mail: { url: mail, ...at },
  };
  const today = await readFile('policy/tools.toml', 'utf8');
  await stage.run(
    { issuer: PREVIOUS, gateway: 'current' },
    {
      gatewayVars: { UPSTREAMS: JSON.stringify(upstreams), MCP_UPSTREAMS: '' },
      catalogue: today
        .replace(READING, `${READING}\nanswer = { labels = ["untrusted"] }`)
        .replace(WRITING, `${WRITING}\nmode = "enforce"\ndefinition = "${DIGEST}"`),
    },
  );
}, 120_000);
afterAll(() => stage?.close());

/** Returns the decisions about a workflow, once there are so many. */
async function decisions(workflow: string, count: number) {
  const find = async () => {
    const records = await stage.audit(`workflow=${workflow}`);
    return records.filter(({ event }) => event === 'decision');
  };
  await expect.poll(async () => (await find()).length).toBe(count);
  return find();
}

test('an issuer of the previous release stores what a route observed', async () => {
  const { token, workflow } = await obtain(stage);
  const report = read(stage.documents.reports[0] ?? '');
  expect(await send(stage, token, report)).toMatchObject({ status: 200 });
  expect(await send(stage, token, read(stage.documents.secret))).toMatchObject({ status: 200 });
  const [allowed, observed] = await decisions(workflow, 2);
  expect(allowed).toMatchObject({ tool: 'mcp/files/read_text_file', allowed: true });
  expect(observed).toMatchObject({ code: 'no_grant', allowed: false });
  for (const record of [allowed, observed]) {
    expect(Object.keys(record ?? {})).not.toContain('sample');
    expect(Object.keys(record ?? {})).not.toContain('mode');
  }
  expect((await stage.trail(workflow)).whole).toBe(true);
}, 60_000);

test('an issuer of the previous release stores denials for a definition that is not the pinned one', async () => {
  const { token, workflow } = await obtain(stage);
  const write = call('write_file', { path: 'summaries/churn.md', content: 'x' });
  expect(await send(stage, token, write)).toMatchObject({ code: 'definition_changed' });
  const [record] = await decisions(workflow, 1);
  expect(record).toMatchObject({ tool: 'mcp/files/write_file', allowed: false });
  expect((await stage.trail(workflow)).whole).toBe(true);
}, 60_000);
