import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Connection,
  completeWorkflow,
  connect,
  createDpopKey,
  type DpopKey,
  type HandedConnection,
  identityFrom,
  narrowingFetch,
  openHandOff,
} from '../../src/agent/index.ts';
import { catalogue, GRANTS, TASK } from './agent.ts';
import { openStage, type Stage } from './stage.ts';
import { trailOf } from './trail.ts';

const READ = 'mcp/files/read_text_file';

/** An agent, and agents that it hands a part of its work to, on the real Workers. */
describe('a capability that is handed on', () => {
  let stage: Stage;
  let manager: Connection;
  let path: string;
  beforeAll(async () => {
    stage = await openStage();
    manager = await open();
    [path = ''] = stage.documents.reports;
  });
  afterAll(() => stage.close());

  const open = () =>
    connect({
      issuer: stage.issuer,
      audience: stage.audience,
      identity: identityFrom(() => stage.identity.jwt('report-agent')),
      user: identityFrom(() => stage.identity.jwt('alice')),
      task: TASK,
      grants: GRANTS,
      fetch: stage.fetch,
    });

  const openWith = async (token: string, dpop: DpopKey): Promise<HandedConnection> => {
    const { issuer, audience, fetch } = stage;
    const opened = await openHandOff({ token, dpop, issuer, audience, fetch });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    return opened.value;
  };

  async function read({ mcp }: Pick<Connection, 'mcp'>, file: string): Promise<string> {
    const client = new Client({ name: 'researcher', version: '1.0.0' });
    const { url, fetch } = mcp('files');
    try {
      await client.connect(new StreamableHTTPClientTransport(url, { fetch }));
      const { content } = await client.callTool({
        name: 'read_text_file',
        arguments: { path: file },
      });
      const [part] = content;
      return part?.type === 'text' ? part.text : '';
    } finally {
      await client.close();
    }
  }

  async function delegate(from: Pick<Connection, 'delegate'>, to: DpopKey, name: string) {
    const part = { to: to.thumbprint, name, tools: READ, datasets: `files/${path}` };
    const handed = await from.delegate(part);
    if (!handed.ok) throw new Error(JSON.stringify(handed.error));
    return handed.value.token;
  }

  test('is used by the second agent after it, and the trail names each hop', async () => {
    const [researcher, reader] = [await createDpopKey('EdDSA'), await createDpopKey()];
    const first = await openWith(await delegate(manager, researcher, 'researcher'), researcher);
    const second = await openWith(await delegate(first, reader, 'reader'), reader);
    expect(await read(second, path)).not.toBe('');
    await expect(read(second, stage.documents.reports[1] ?? '')).rejects.toThrow();

    const decisions = async () =>
      (await trailOf(stage, manager.workflow)).filter(
        (one) => one.event === 'decision' && one.tool === READ,
      );
    await expect.poll(async () => (await decisions()).length).toBeGreaterThanOrEqual(2);
    for (const { hops, agent } of (await decisions()) as readonly Record<string, unknown>[]) {
      expect(agent).toMatch(/report-agent$/);
      expect(hops).toMatchObject([
        { to: researcher.thumbprint, name: 'researcher' },
        { by: researcher.thumbprint, to: reader.thumbprint, name: 'reader' },
      ]);
    }
  });

  test('is active at introspection for the key of its last holder, with its hops', async () => {
    const researcher = await createDpopKey();
    const token = await delegate(manager, researcher, 'researcher');
    const answer = await stage.fetch(`${stage.issuer}/introspect`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stage.verifier}` },
      body: new URLSearchParams({ token }),
    });
    const body = await answer.json();
    expect(body).toMatchObject({
      active: true,
      cnf: { jkt: researcher.thumbprint },
      hops: [{ to: researcher.thumbprint, name: 'researcher' }],
    });
    expect(body).not.toHaveProperty('scope');
  });

  test('is of no use to a thief, who cannot hand it on either', async () => {
    const [researcher, thief] = [await createDpopKey(), await createDpopKey()];
    const token = await delegate(manager, researcher, 'researcher');
    const { issuer, audience, fetch } = stage;
    expect(await openHandOff({ token, dpop: thief, issuer, audience, fetch })).toMatchObject({
      error: { code: 'bound_to_another_key' },
    });
    const used = await openWith(token, researcher);
    const stolen = { ...used.capability, holder: thief };
    const { url } = used.mcp('files');
    const send = narrowingFetch({
      capability: stolen,
      catalogue: await catalogue(),
      server: 'files',
      fetch,
    });
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const denied = await send(url, { method: 'POST', body });
    expect([denied.status, await denied.json()]).toMatchObject([
      401,
      { error: { data: { code: 'holder_unproven' } } },
    ]);
  });

  test('gives no authority over the workflow', async () => {
    const researcher = await createDpopKey();
    const token = await delegate(manager, researcher, 'researcher');
    const used = await openWith(token, researcher);
    const { issuer, fetch } = stage;
    expect(await completeWorkflow(used.capability, { issuer, fetch })).toMatchObject({
      error: { code: 'refused', status: 403 },
    });
  });

  test('can be taken back by the one who handed it on', async () => {
    const researcher = await createDpopKey();
    const token = await delegate(manager, researcher, 'researcher');
    const used = await openWith(token, researcher);
    expect(await read(used, path)).not.toBe('');
    const revoked = await stage.fetch(`${stage.issuer}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token }),
    });
    expect(revoked.status).toBe(200);
    await expect.poll(() => read(used, path).catch(() => 'denied')).toBe('denied');
    expect(await read(manager, path)).not.toBe('');
  });

  test('ends with the workflow, as a child in the same process does', async () => {
    await using parent = await open();
    const child = await parent.child({
      task: 'read one report',
      grants: [{ tool: READ, action: 'read', dataset: `files/${path}` }],
      budgets: { calls: 20 },
    });
    expect(child.workflow).toMatch(new RegExp(`^${parent.workflow}\\.`));
    expect(await read(child, path)).not.toBe('');
    const researcher = await createDpopKey();
    const used = await openWith(await delegate(child, researcher, 'researcher'), researcher);
    expect(await read(used, path)).not.toBe('');
    await parent.complete();
    await expect.poll(() => read(used, path).catch(() => 'denied')).toBe('denied');
    await expect(parent.child({ task: 'too late', grants: GRANTS })).rejects.toMatchObject({
      code: 'workflow_ended',
    });
  });
});
