import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { testIssuer } from 'hewn/testing';
import { expect, test } from 'vitest';
import { createHandler } from './server.ts';

const { mint, protection } = await testIssuer({ audience: 'https://crm.example/mcp' });
const handler = createHandler(protection);
const grants = [{ tool: 'mcp/crm/search', action: 'read', dataset: 'crm/contacts/eu' }] as const;

/** A client of the SDK, whose requests go to the handler and not into the network. */
async function connect(token: string): Promise<Client> {
  const client = new Client({ name: 'agent', version: '1.0.0' });
  const headers = { authorization: `Bearer ${token}` };
  const fetch = (url: string | URL, init?: RequestInit) => handler(new Request(url, init));
  const url = new URL('https://crm.example/mcp');
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers }, fetch }));
  return client;
}

test('a tool answers for the region that the capability grants, and tells why not for another', async () => {
  const client = await connect(await mint({ grants }));
  expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['search']);
  const search = (region: string) => client.callTool({ name: 'search', arguments: { region } });
  expect(await search('eu')).toMatchObject({ content: [{ text: 'Ada, Blaise' }] });
  const denied = await search('us');
  expect(denied).toMatchObject({
    isError: true,
    _meta: { 'hewn.dev/denial': { code: 'no_grant' } },
  });
});
