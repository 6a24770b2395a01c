// A small MCP server over HTTP, without packages. Put your own in its place.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join, normalize } from 'node:path';

const ROOT = process.env.NOTES ?? join(import.meta.dirname, '../notes');
const PORT = Number(process.env.PORT ?? 3000);
const BODY_BYTES_MAX = 1024 * 1024;

const path = { type: 'string' };
const TOOLS = [
  {
    name: 'read_note',
    description: 'Reads a note.',
    inputSchema: { type: 'object', properties: { path }, required: ['path'] },
  },
];

/** The gateway has checked the path. A server still checks it. */
const read = ({ path: note }) => readFile(join(ROOT, normalize(`/${note}`)), 'utf8');

async function call({ arguments: args = {} }) {
  try {
    return { content: [{ type: 'text', text: await read(args) }] };
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: error.message }] };
  }
}

const ANSWERS = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'notes', version: '1.0.0' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: TOOLS }),
  'tools/call': call,
};

async function answer({ id, method, params = {} }) {
  const run = ANSWERS[method];
  const message = run
    ? { result: await run(params) }
    : { error: { code: -32601, message: `unknown method ${method}` } };
  return { jsonrpc: '2.0', id, ...message };
}

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > BODY_BYTES_MAX) return response.writeHead(413).end();
  }
  let message;
  try {
    message = JSON.parse(body);
  } catch {
    return response.writeHead(400).end();
  }
  if (message?.id === undefined) return response.writeHead(202).end(); // a notification
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(await answer(message)));
}).listen(PORT, () => console.log(`notes: http://127.0.0.1:${PORT}/mcp`));
