/**
 * An HTTP API that knows nothing of Hewn, behind a gateway. It must be reachable for the gateway
 * only.
 *
 *   npx node examples/orders/api.ts
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

interface Order {
  readonly id: number;
  readonly total: number;
  refunded: number;
  photoBytes: number;
}

/** Creates the API, with two orders of the customer `ada`. */
export function createApi(): Server {
  const orders = new Map<string, Order[]>([
    ['ada', [7, 8].map((id) => ({ id, total: 40 * id, refunded: 0, photoBytes: 0 }))],
    ['grace', [{ id: 9, total: 10, refunded: 0, photoBytes: 0 }]],
  ]);
  return createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
    const [, customer = '', id, rest] =
      /^\/v1\/customers\/([^/]+)\/orders(?:\/(\d+)\/(refunds|photo))?$/.exec(pathname) ?? [];
    const listed = orders.get(decodeURIComponent(customer)) ?? [];
    const order = listed.find((one) => String(one.id) === id);
    const body = await readBody(request);
    if (request.method === 'GET' && id === undefined && listed.length > 0) {
      const limit = Number(searchParams.get('limit') ?? 10);
      return answer(response, 200, { orders: listed.slice(0, limit) });
    }
    if (request.method === 'POST' && rest === 'refunds' && order) {
      const { amount } = JSON.parse(body.toString('utf8')) as { amount: number };
      order.refunded += amount;
      response.setHeader('location', `${pathname}/1`);
      return answer(response, 201, order);
    }
    if (request.method === 'PUT' && rest === 'photo' && order) {
      order.photoBytes = body.length;
      return answer(response, 200, order);
    }
    return answer(response, 404, { error: 'not found' });
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const PORT = 9610;
if (import.meta.main) {
  createApi().listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/v1`));
}
