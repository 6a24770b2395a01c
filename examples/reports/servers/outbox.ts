/** An MCP server with two tools that send nothing: one takes a message, the other a draft. */
import { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

const inputSchema = {
  type: 'object' as const,
  properties: {
    to: { type: 'array', items: { type: 'string' } },
    subject: { type: 'string' },
    body: { type: 'string' },
  },
  required: ['to'],
};

const server = new Server({ name: 'outbox', version: '1.0.0' }, { capabilities: { tools: {} } });
server.setRequestHandler('tools/list', () => ({
  tools: [
    { name: 'send_message', description: 'Sends a message.', inputSchema },
    { name: 'save_draft', description: 'Saves a message for a person to send.', inputSchema },
  ],
}));
server.setRequestHandler('tools/call', ({ params }) => ({
  content: [{ type: 'text', text: `for ${String(params.arguments?.to)}` }],
}));
await server.connect(new StdioServerTransport());
