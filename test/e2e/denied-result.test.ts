import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { narrowingFetch, neededGrantsOf, stepUp } from '../../src/agent/index.ts';
import type { Grant } from '../../src/capability/index.ts';
import { call, catalogue, obtain, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

/** Denials as the gateway gives them by default: results that a model reads. */

let stage: Stage;

beforeAll(async () => {
  stage = await openStage({ gatewayVars: { DENIAL_FORM: 'result' } });
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

const READ: Grant = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};
const SUMMARY = { path: 'summaries/churn.md', content: 'x' };

test('a client of the SDK gets a denial as a result, steps up with it and calls again', async () => {
  const first = await obtain(stage, [READ]);
  let capability = first;
  const client = new Client({ name: 'a', version: '1' });
  const fetch: typeof globalThis.fetch = async (input, init) =>
    narrowingFetch({
      capability,
      catalogue: await catalogue(),
      server: 'files',
      fetch: stage.fetch,
    })(input, init);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${stage.audience}/mcp/files`), { fetch }),
  );
  const write = () => client.callTool({ name: 'write_file', arguments: SUMMARY });
  const denied = await write();
  expect(denied).toMatchObject({ isError: true });
  expect(denied.structuredContent).toBeUndefined();
  const [content] = denied.content;
  const text = content?.type === 'text' ? content.text : '';
  expect(text.split('\n')).toEqual([
    'Denied: mcp/files/write_file (write) on files/summaries/churn.md was not called.',
    'Reason (no_grant): No grant covers this call.',
    'The policy decided what the capability grants.',
    'The capability does not have this tool. It allows:',
    '- mcp/files/read_text_file (read) on files/reports and below',
    expect.stringContaining(`To be allowed, request this at ${stage.issuer}`),
  ]);
  const needed = await neededGrantsOf(denied);
  expect(needed).toMatchObject([{ tool: 'mcp/files/write_file' }]);
  const { issuer, audience, identity } = stage;
  const wider = await stepUp(first, needed ?? [], {
    issuer,
    audience,
    task: TASK,
    grants: [READ],
    fetch: stage.fetch,
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
  });
  if (!wider.ok) throw new Error(wider.error.code);
  capability = wider.value;
  expect((await write()).isError).not.toBe(true);
  await client.close();
});

test('says which argument is denied, and by whose rule', async () => {
  const { token } = await obtain(stage, [READ]);
  const tail = await send(stage, token, call('read_text_file', { path: 'reports/a', x: 1 }));
  expect(tail.status).toBe(200);
  expect(tail.body).toMatchObject({
    result: { _meta: { 'hewn.dev/denial': { code: 'argument_unlisted', pointer: '/x' } } },
  });
  const absolute = await send(stage, token, call('read_text_file', { path: '/etc/passwd' }));
  expect(absolute.text).toContain('argument /path is the catalogue');
});

test('refuses a caller without a valid token with 401 and a challenge, as before', async () => {
  const refused = await send(stage, 'x', call('read_text_file', { path: 'reports/a' }));
  expect(refused).toMatchObject({ status: 401, code: 'token_malformed' });
});
