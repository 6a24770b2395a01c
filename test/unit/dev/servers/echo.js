// An MCP server over standard input and output, for tests of the bridge.
import { createInterface } from 'node:readline';

const RESULTS = {
  initialize: () => ({
    protocolVersion: '2025-11-25',
    capabilities: { tools: { listChanged: true }, logging: {} },
    serverInfo: { name: 'echo', version: '1.0.0' },
  }),
  'tools/list': () => ({ tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }),
  'tools/call': ({ name, arguments: args }) => {
    if (name === 'exit') process.exit(3);
    const seen = { args, operator: process.env.HEWN_OPERATOR, folder: process.env.HEWN_DEV_FOLDER };
    return { content: [{ type: 'text', text: JSON.stringify(seen) }] };
  },
};

console.log('a greeting, which is no message');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const answer = RESULTS[method];
  const message = answer
    ? { result: answer(params) }
    : { error: { code: -32601, message: method } };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, ...message })}\n`);
});
