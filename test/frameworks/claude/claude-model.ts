/** The scripted model as the Messages API of Anthropic, on loopback. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ANSWER, type Seen, type Step } from './script.ts';

interface MessagesRequest {
  readonly model: string;
  readonly tools?: readonly { readonly name: string }[];
  readonly messages: readonly { readonly role: string }[];
}

export interface ClaudeModel {
  readonly url: string;
  readonly close: () => void;
}

export async function startClaudeModel(seen: Seen): Promise<ClaudeModel> {
  const server: Server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname } = new URL(request.url ?? '', 'http://model');
    if (request.method !== 'POST' || !pathname.endsWith('/v1/messages')) {
      response.writeHead(404).end(); // Probes, and the count of tokens.
      return;
    }
    const body: MessagesRequest = JSON.parse(text);
    const names = (body.tools ?? []).map(({ name }) => name);
    // Without tools, it asks for a title.
    const input = body.messages.findLast(({ role }) => role === 'user');
    const step = names.length > 0 ? seen.next(names, input) : undefined;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of answer(body.model, step)) {
      response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    }
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.closeAllConnections() };
}

type Event = Readonly<Record<string, unknown>> & { readonly type: string };

function answer(model: string, step: (Step & { readonly id: string }) | undefined): Event[] {
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: 'm', type: 'message', role: 'assistant', model, content: [], usage };
  const use = step && {
    type: 'tool_use',
    id: step.id,
    name: `mcp__files__${step.tool}`,
    input: {},
  };
  const delta = step
    ? { type: 'input_json_delta', partial_json: JSON.stringify(step.args) }
    : { type: 'text_delta', text: ANSWER };
  return [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: use ?? { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: step ? 'tool_use' : 'end_turn' }, usage },
    { type: 'message_stop' },
  ];
}
