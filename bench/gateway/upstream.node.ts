/**
 * The server behind every gateway of the bench: answers MCP over HTTP, MCP over stdio (`stdio` as
 * its argument, for a peer that knows only that), and GET and PUT of an HTTP API, each at once.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

const RESULT = { content: [{ type: 'text', text: 'a short answer' }] };
const ORDER = JSON.stringify({ id: 'o-1', sku: 'A-1', amount: 3, state: 'open' });
const INITIALIZED = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 'bench', version: '1.0.0' },
};
const TOOLS = ['read', 'write', 'pay'].map((name) => ({
  name,
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
}));

interface Message {
  readonly id?: string | number;
  readonly method: string;
}

/** Returns the answer to a message; undefined for a notification. */
function answerTo(text: string): string | undefined {
  const { id, method } = JSON.parse(text) as Message;
  if (id === undefined) return undefined;
  const results: Readonly<Record<string, object>> = {
    initialize: INITIALIZED,
    'tools/list': { tools: TOOLS },
    'tools/call': RESULT,
  };
  return JSON.stringify({ jsonrpc: '2.0', id, result: results[method] ?? {} });
}

if (process.argv[2] === 'stdio') {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const answer = answerTo(line);
    if (answer !== undefined) process.stdout.write(`${answer}\n`);
  });
} else {
  const server = createServer((request, response) => {
    if (request.method === 'GET' || request.method === 'PUT') {
      sendJson(response, ORDER);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = answerTo(Buffer.concat(chunks).toString('utf8'));
      if (answer === undefined) response.writeHead(202).end();
      else sendJson(response, answer);
    });
  });
  // Longer than a round, so that no gateway pays for a new connection.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1', () => {
    process.send?.({ port: (server.address() as AddressInfo).port });
  });
  process.on('disconnect', () => process.exit());
}

function sendJson(response: ServerResponse, body: string): void {
  response.setHeader('content-type', 'application/json');
  response.end(body);
}
