/** An MCP server of your own, with version 2 of the official SDK: in a Worker, Deno, Bun or Node. */

import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { protectMcp } from 'hewn/mcp';
import type { Protection } from 'hewn/verifier';
import { z } from 'zod';

const contacts: Readonly<Record<string, string>> = { eu: 'Ada, Blaise', us: 'Grace, Howard' };

export function createHandler(hewn: Protection) {
  const mcp = protectMcp(hewn, {
    server: 'crm',
    tools: {
      search: { action: 'read', tier: 1, dataset: ({ region }) => `crm/contacts/${region}` },
    },
  });
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'crm', version: '1.0.0' });
    const inputSchema = z.object({ region: z.string() });
    server.registerTool('search', { inputSchema }, ({ region }) => ({
      content: [{ type: 'text', text: contacts[region] ?? 'none' }],
    }));
    return mcp.server(server);
  });
  return mcp.fetch(handler.fetch);
}
