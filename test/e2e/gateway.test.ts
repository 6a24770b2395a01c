import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Capability, narrow, narrowingFetch } from '../../src/agent/index.ts';
import type { ExportedRecord } from '../../src/audit/export/index.ts';
import { admin, call, catalogue, GRANTS, obtain, read, send, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') stage.harness.debug();
});
afterAll(() => stage.close());

async function connect(capability: Capability, mode: 'legacy' | 'auto'): Promise<Client> {
  const client = new Client(
    { name: 'report-agent', version: '1.0.0' },
    { versionNegotiation: { mode } },
  );
  const fetch = narrowingFetch({
    capability,
    catalogue: await catalogue(),
    server: 'files',
    fetch: stage.fetch,
  });
  const url = new URL(`${stage.audience}/mcp/files`);
  await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
  return client;
}

test('the issuer returns what it granted', async () => {
  const capability = await obtain(stage);
  expect(capability).toMatchObject({ task: TASK, audience: stage.audience, grants: GRANTS });
  expect(capability.workflow).toMatch(/^wf_[A-Za-z0-9_-]{32}$/);
  expect(capability.expires.getTime() - Date.now()).toBeGreaterThan(200_000);
});

describe.each(['legacy', 'auto'] as const)('an agent of the SDK, %s', (mode) => {
  test('reads inside its dataset and writes its summary', async () => {
    const client = await connect(await obtain(stage), mode);
    const [report = ''] = stage.documents.reports;
    const answer = await client.callTool({ name: 'read_text_file', arguments: { path: report } });
    const [first] = answer.content as readonly { text: string }[];
    expect(first?.text).toBe(await readFile(join(stage.documents.root, report), 'utf8'));
    const content = `# Churn\n\nas ${mode} saw it`;
    const args = { path: 'summaries/churn.md', content };
    await client.callTool({ name: 'write_file', arguments: args });
    expect(await readFile(join(stage.documents.root, args.path), 'utf8')).toBe(content);
    await client.close();
  });

  test('sees the tools that it can use, and no other', async () => {
    const client = await connect(await obtain(stage), mode);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'list_directory',
      'read_text_file',
      'write_file',
    ]);
    await client.close();
  });

  test('is denied outside its dataset, and the server receives nothing', async () => {
    const client = await connect(await obtain(stage), mode);
    const before = stage.bridge.seen().length;
    const outside = { name: 'read_text_file', arguments: { path: 'private/salaries.csv' } };
    await expect(client.callTool(outside)).rejects.toThrow('no_grant');
    expect(stage.bridge.seen()).toHaveLength(before);
    await client.close();
  });
});

describe('a hijacked agent with a valid token', () => {
  const attempts = [
    ['reads another dataset', read('private/salaries.csv'), 'no_grant'],
    ['climbs out of its dataset', read('reports/../private/salaries.csv'), 'dataset_unmappable'],
    ['names a file by an absolute path', read('/etc/passwd'), 'dataset_unmappable'],
    ['writes elsewhere', call('write_file', { path: 'reports/x.md', content: '' }), 'no_grant'],
    [
      'moves a file',
      call('move_file', { source: 'reports/a', destination: 'reports/b' }),
      'no_grant',
    ],
    ['calls an unlisted tool', call('delete_file', { path: 'reports/a' }), 'tool_unknown'],
    [
      'smuggles an argument',
      call('read_text_file', { path: 'reports/a', x: 1 }),
      'argument_unlisted',
    ],
  ] as const;

  test.each(attempts)('%s: denied', async (_what, message, code) => {
    const { token } = await obtain(stage);
    const before = stage.bridge.requests();
    expect(await send(stage, token, message)).toMatchObject({ status: 403, code });
    expect(stage.bridge.requests()).toBe(before);
  });

  test('cannot reuse a narrowed token for another tool, dataset or argument', async () => {
    const { token } = await obtain(stage);
    const [report = ''] = stage.documents.reports;
    const step = {
      tool: 'mcp/files/read_text_file',
      dataset: `files/${report}`,
      args: { path: report },
      expires: new Date(Date.now() + 30_000),
    };
    const narrowed = await narrow(token, step);
    if (!narrowed.ok) throw new Error(narrowed.error.code);
    expect((await send(stage, narrowed.value, read(report))).status).toBe(200);
    const other = call('list_directory', { path: 'reports' });
    expect(await send(stage, narrowed.value, other)).toMatchObject({ code: 'caveat_failed' });
    const [, second = ''] = stage.documents.reports;
    expect(await send(stage, narrowed.value, read(second))).toMatchObject({
      code: 'caveat_failed',
    });
    const head = call('read_text_file', { path: report, head: 1 });
    expect(await send(stage, narrowed.value, head)).toMatchObject({ code: 'caveat_failed' });
  });

  test('is stopped by the operator: the next write is denied, and the audit log shows it', async () => {
    const { token, workflow } = await obtain(stage);
    const [report = ''] = stage.documents.reports;
    const write = call('write_file', { path: 'summaries/churn.md', content: 'late' });
    expect((await send(stage, token, read(report))).status).toBe(200);
    const revoked = await admin(stage, `workflows/${workflow}/revoke`, { reason: 'drill' });
    expect(await revoked.json()).toMatchObject({ workflow, epoch: 1 });
    expect(await send(stage, token, write)).toMatchObject({ status: 401, code: 'revoked' });
    expect(await send(stage, token, read(report))).toMatchObject({ status: 401, code: 'revoked' });
    expect(await (await admin(stage, `workflows/${workflow}`)).json()).toMatchObject({
      state: 'revoked',
      revocation: { actor: 'operator', reason: 'drill' },
    });

    const trail = await settledTrail(workflow, 6);
    const events = trail.map(({ record }) => record.event);
    expect(events.filter((event) => event !== 'deviation')).toEqual([
      ...['mint', 'decision', 'revocation', 'decision', 'decision'],
    ]);
    // A use of the token after its end, which is reported once.
    expect(trail.find(({ record }) => record.event === 'deviation')?.record).toMatchObject({
      rule: 'used-after-end',
      effect: 'shadow',
    });
    expect(trail[1]?.record).toMatchObject({
      allowed: true,
      outcome: { result: 'ok', status: 200 },
    });
    for (const { record } of trail) {
      expect(record).toMatchObject({ workflow, task: TASK, owner: 'team:growth' });
      expect(record.agent).toBe(`${stage.identity.issuer}#report-agent`);
      expect(record.subject).toBe(`${stage.identity.issuer}#alice`);
    }
    expect(JSON.stringify(trail)).not.toContain(token);
  });
});

/** Records are sent after the response. Waits for them, for a bounded time. */
async function settledTrail(workflow: string, count: number): Promise<readonly ExportedRecord[]> {
  for (let tries = 0; ; tries++) {
    const answer = await admin(stage, `audit?workflow=${workflow}`);
    const { records } = (await answer.json()) as { records: readonly ExportedRecord[] };
    if (records.length >= count || tries === 50) return records;
    await new Promise((later) => setTimeout(later, 100));
  }
}
