// Runs one scripted agent in the Claude Agent SDK. Prints what its model saw, as JSON.
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '@anthropic-ai/claude-agent-sdk';

const { MCP_URL: url, MCP_TOKEN: token } = process.env;
const requests = [];

/** The scripted model: calls the tool, and ends once it has a result. */
const model = createServer(async (request, response) => {
  let raw = '';
  for await (const chunk of request) raw += chunk;
  if (
    request.method !== 'POST' ||
    !request.url.includes('/v1/messages') ||
    request.url.includes('count_tokens')
  ) {
    response.writeHead(404).end();
    return;
  }
  const body = JSON.parse(raw);
  requests.push(body);
  const results = body.messages
    .flatMap(({ content }) => [content].flat())
    .filter(({ type }) => type === 'tool_result');
  const isCall = (body.tools ?? []).length > 0 && results.length === 0;
  const block = isCall
    ? { type: 'tool_use', id: 'call_0', name: 'mcp__crm__search', input: {} }
    : { type: 'text', text: '' };
  const delta = isCall
    ? { type: 'input_json_delta', partial_json: JSON.stringify({ region: 'us' }) }
    : { type: 'text_delta', text: 'finished' };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: body.model,
    content: [],
    usage,
  };
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of [
    { type: 'message_start', message },
    { type: 'content_block_start', index: 0, content_block: block },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    {
      type: 'message_delta',
      delta: { stop_reason: isCall ? 'tool_use' : 'end_turn' },
      usage: { output_tokens: 1 },
    },
    { type: 'message_stop' },
  ]) {
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  response.end();
});
await new Promise((listening) => model.listen(0, '127.0.0.1', listening));

const home = await mkdtemp(join(tmpdir(), 'hewn-claude-'));
const env = {
  PATH: process.env.PATH,
  HOME: home,
  CLAUDE_CONFIG_DIR: home,
  ANTHROPIC_BASE_URL: `http://127.0.0.1:${model.address().port}`,
  ANTHROPIC_API_KEY: 'dummy',
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  DISABLE_AUTOUPDATER: '1',
  ENABLE_TOOL_SEARCH: 'false',
};
const tools = [];
for await (const message of query({
  prompt: 'go',
  options: {
    cwd: home,
    env,
    settingSources: [],
    allowedTools: ['mcp__crm'],
    maxTurns: 3,
    mcpServers: { crm: { type: 'http', url, headers: { authorization: `Bearer ${token}` } } },
  },
})) {
  if (message.type === 'system' && message.subtype === 'init') {
    tools.push(...message.tools.filter((name) => name.startsWith('mcp__')));
  }
}
const saw = requests
  .flatMap(({ messages }) => messages)
  .flatMap(({ content }) => [content].flat())
  .filter(({ type }) => type === 'tool_result');
console.log(
  JSON.stringify({
    claude: {
      tools: tools.map((name) => name.replace('mcp__crm__', '')),
      saw: JSON.stringify(saw),
    },
  }),
);
process.exit(0);
