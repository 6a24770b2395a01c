import { afterEach, describe, expect, test } from 'vitest';
import { type McpOptions, protectMcp } from '../../../src/mcp/index.ts';
import { API, protectedApi } from '../fixtures/protected-api.ts';
import { CLIENTS, type TestClient } from './clients.ts';
import { type Reached, SERVERS, serve } from './servers.ts';

const OPTIONS: McpOptions = {
  server: 'crm',
  tools: {
    search: { action: 'read', tier: 1, dataset: ({ region }) => `crm/contacts/${region}` },
    erase: { action: 'delete', tier: 2, dataset: ({ region }) => `crm/contacts/${region}` },
  },
};
const GRANTS = [{ tool: 'mcp/crm/search', action: 'read', dataset: 'crm/contacts/eu' }] as const;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function started(name: string, options: McpOptions = OPTIONS) {
  const api = await protectedApi();
  const mcp = protectMcp(api.protection, options);
  const reached: Parameters<Reached>[0][] = [];
  const build = SERVERS[name];
  if (!build) throw new Error(`no server ${name}`);
  const { url, close } = await serve(build(mcp, (call) => reached.push(call)));
  closing.push(close);
  const token = await api.mint({ grants: GRANTS, workflow: 'wf_eu' });
  const connect = async (client: string, as = token): Promise<TestClient> => {
    const open = CLIENTS[client];
    if (!open) throw new Error(`no client ${client}`);
    const connected = await open(url, { authorization: `Bearer ${as}` });
    closing.push(() => connected.close());
    return connected;
  };
  return { ...api, mcp, url, token, connect, reached };
}

const pairs = Object.keys(SERVERS).flatMap((server) =>
  Object.keys(CLIENTS).map((client) => [server, client] as const),
);

describe.each(pairs)('%s, with a %s', (server, client) => {
  test('lists the tools that the token can use, and no other', async () => {
    const { connect, mint } = await started(server);
    expect(await (await connect(client)).listTools()).toEqual(['search']);
    const both = await mint({
      grants: [...GRANTS, { tool: 'mcp/crm/erase', action: 'delete', dataset: 'crm/contacts' }],
    });
    expect(await (await connect(client, both)).listTools()).toEqual(['search', 'erase']);
  });

  test('makes an allowed call, and tells its tool the workflow', async () => {
    const { connect, reached, records } = await started(server);
    const agent = await connect(client);
    const result = await agent.call('search', { region: 'eu', note: 'x' });
    expect(result.content).toEqual([{ type: 'text', text: 'search eu' }]);
    const args = { region: 'eu', note: 'x' };
    expect(reached).toEqual([{ tool: 'search', args, workflow: 'wf_eu' }]);
    await expect.poll(() => records).toContain('tools/call 200');
  });

  test('answers a denied call with a result that a model can read', async () => {
    const { connect, reached, records } = await started(server);
    const agent = await connect(client);
    const { isError, content, _meta } = await agent.call('search', { region: 'us' });
    expect(isError).toBe(true);
    expect(content[0]?.text?.split('\n')).toEqual([
      'Denied: mcp/crm/search (read) on crm/contacts/us was not called.',
      'Reason (no_grant): No grant covers this call.',
      'The policy decided what the capability grants.',
      'The capability allows this tool only:',
      '- mcp/crm/search (read) on crm/contacts/eu and below',
      expect.stringMatching(
        /^To be allowed, request this at https:\/\/issuer\.test with the same workflow: \[\{"type":"hewn_task","grants":/,
      ),
    ]);
    expect(_meta?.['hewn.dev/denial']).toMatchObject({
      code: 'no_grant',
      tool: 'mcp/crm/search',
      datasets: ['crm/contacts/us'],
      authorization_details: [{ type: 'hewn_task' }],
    });
    expect(reached).toEqual([]);
    expect(records).toContain('tools/call denied: no_grant');
  });

  test('denies tools that it cannot use or that are not described', async () => {
    const { connect, reached } = await started(server);
    const agent = await connect(client);
    const erased = await agent.call('erase', { region: 'eu' });
    expect(erased.content[0]?.text).toContain('The capability does not have this tool. It allows:');
    const undescribed = await agent.call('undescribed', { region: 'eu' });
    expect(undescribed.content[0]?.text).toContain('Reason (tool_unknown)');
    expect(reached).toEqual([]);
  });

  test('refuses resources and prompts that are not described', async () => {
    const { connect } = await started(server);
    const agent = await connect(client);
    await expect(agent.readResource('crm://notes/eu')).rejects.toThrow('does not offer resources');
    await expect(agent.listPrompts()).rejects.toThrow('does not offer prompts/list');
  });

  test('judges resources as reads, once they are described', async () => {
    const resources = { tier: 1, dataset: () => 'crm/notes/eu' } as const;
    const { connect, mint } = await started(server, { ...OPTIONS, resources });
    const agent = await connect(client);
    await expect(agent.readResource('crm://notes/eu')).rejects.toThrow('was not called');
    const tool = 'mcp/crm/resources/read';
    const reader = await mint({ grants: [{ tool, action: 'read', dataset: 'crm/notes' }] });
    const read = await (await connect(client, reader)).readResource('crm://notes/eu');
    expect(JSON.stringify(read)).toContain('a note');
  });

  test('stops a workflow that is revoked between two calls', async () => {
    const { connect, feed, reached } = await started(server);
    const agent = await connect(client);
    await agent.call('search', { region: 'eu' });
    feed.revoke('wf_eu');
    await expect(agent.call('search', { region: 'eu' })).rejects.toThrow();
    expect(reached).toHaveLength(1);
  });
});

describe.each(Object.keys(SERVERS))('%s', (server) => {
  test('leads a caller without a token to the issuer', async () => {
    const { url } = await started(server);
    const anonymous = await fetch(url, { method: 'POST', body: 'x'.repeat(1_000_000) });
    expect(anonymous.status).toBe(401);
    const challenge = anonymous.headers.get('www-authenticate') ?? '';
    const [, metadata = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    expect(metadata).toBe(`${API}/.well-known/oauth-protected-resource`);
    const document = await fetch(new URL(new URL(metadata).pathname, url));
    expect(await document.json()).toMatchObject({
      resource: API,
      authorization_servers: ['https://issuer.test'],
    });
  });
});
