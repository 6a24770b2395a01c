/**
 * An MCP server with two tools: one sends a message, the other saves a draft. Messages stay in
 * memory, so that the walk-through and the tests can check their recipients.
 */
import { Server } from '@modelcontextprotocol/server';
import * as v from 'valibot';

export interface Message {
  readonly tool: 'send_message' | 'save_draft';
  readonly to: readonly string[];
  readonly subject?: string;
  readonly body?: string;
}

export interface Outbox {
  /** Create one per request. */
  readonly server: () => Server;
  /** In the order of arrival. */
  readonly messages: () => readonly Message[];
}

const message = v.strictObject({
  to: v.array(v.string()),
  subject: v.exactOptional(v.string()),
  body: v.exactOptional(v.string()),
});

const inputSchema = {
  type: 'object' as const,
  properties: {
    to: { type: 'array', items: { type: 'string' } },
    subject: { type: 'string' },
    body: { type: 'string' },
  },
  required: ['to'],
};
const TOOLS = [
  { name: 'send_message', description: 'Sends a message.', inputSchema },
  { name: 'save_draft', description: 'Saves a message for a person to send.', inputSchema },
];

/** `seen` records every call, whatever its result. */
export function createOutbox(
  seen: { tool: string; args: Readonly<Record<string, unknown>> }[],
): Outbox {
  const messages: Message[] = [];
  const call = (name: string, args: Readonly<Record<string, unknown>>) => {
    seen.push({ tool: name, args });
    const read = v.safeParse(message, args);
    if (!read.success || (name !== 'send_message' && name !== 'save_draft')) {
      return { isError: true, content: [{ type: 'text' as const, text: 'not a message' }] };
    }
    messages.push({ tool: name, ...read.output });
    return { content: [{ type: 'text' as const, text: `for ${read.output.to.join(', ')}` }] };
  };
  return {
    messages: () => messages,
    server: () => {
      const server = new Server(
        { name: 'hewn-local-outbox', version: '0.1.0' },
        { capabilities: { tools: {} } },
      );
      server.setRequestHandler('tools/list', () => ({ tools: TOOLS }));
      server.setRequestHandler('tools/call', ({ params: { name, arguments: args = {} } }) =>
        call(name, args),
      );
      return server;
    },
  };
}
