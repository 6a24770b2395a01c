/** A gateway that answers every message at once: what is measured is what stands before it. */
import { createServer } from 'node:http';
import { LOOPBACK } from '../../src/dev/index.ts';

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { id } = JSON.parse(body) as { readonly id?: unknown };
  const result = { content: [{ type: 'text', text: 'x'.repeat(1_000) }] };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
});
server.listen(0, LOOPBACK, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.once('disconnect', () => process.exit());
