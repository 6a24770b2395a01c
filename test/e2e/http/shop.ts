import { connect } from 'node:net';
import type { Grant } from '../../../src/capability/index.ts';
import { createAdminCaller, putVersion } from '../../../src/issuer-api/index.ts';
import { obtain } from '../agent.ts';
import { openProcesses, type Processes } from '../processes/processes.ts';
import { startApi, type TestApi } from './api.ts';

/** A shop behind the gateway: an HTTP API, its catalogue and a policy for it. */

const tool = (name: string, action: string, tier: number, rest: string): string => `
[[tool]]
name = "http/shop/${name}"
action = "${action}"
tier = ${tier}
${rest}
`;

const CATALOGUE = [
  tool(
    'get_order',
    'read',
    1,
    `arguments = ["id", "expand", "tag", "tenant"]
datasets = [{ argument = "/id", under = "orders" }]
route = { server = "shop", methods = ["GET"], path = "/orders/:id", arguments = { expand = { in = "query", type = "boolean" }, tag = { in = "query", list = true }, tenant = { in = "header", name = "X-Tenant" } } }`,
  ),
  tool(
    'search_orders',
    'read',
    1,
    `arguments = ["text"]
datasets = [{ fixed = "orders" }]
route = { server = "shop", methods = ["POST"], path = "/orders/search", body = "json", arguments = { text = { in = "body", type = "string" } } }`,
  ),
  tool(
    'place_order',
    'write',
    2,
    `arguments = ["sku", "count"]
datasets = [{ fixed = "orders/new" }]
sinks = ["/count"]
route = { server = "shop", methods = ["POST"], path = "/orders", body = "json", arguments = { sku = { in = "body", type = "string" }, count = { in = "body", type = "integer" } } }`,
  ),
  tool(
    'pay',
    'write',
    3,
    `arguments = ["id", "amount"]
datasets = [{ fixed = "payments" }]
sinks = ["/amount"]
route = { server = "shop", methods = ["POST"], path = "/orders/:id/payments", body = "form", arguments = { amount = { in = "body", type = "number" } } }`,
  ),
  tool(
    'delete_order',
    'delete',
    2,
    `arguments = ["id"]
datasets = [{ argument = "/id", under = "orders" }]
sinks = []
route = { server = "shop", methods = ["DELETE"], path = "/orders/:id" }`,
  ),
  tool(
    'get_file',
    'read',
    1,
    `arguments = ["path"]
datasets = [{ argument = "/path", under = "shelf" }]
route = { server = "shop", methods = ["GET"], path = "/files/:path+" }`,
  ),
  tool(
    'put_file',
    'write',
    2,
    `arguments = ["path"]
datasets = [{ argument = "/path", under = "shelf" }]
sinks = ["/path"]
route = { server = "shop", methods = ["PUT"], path = "/files/:path+", body = "bytes", contentTypes = ["image/png"], bytes = 1000000 }`,
  ),
].join('');

const POLICY = `
owner("team:shop");
max_lifetime(300);
max_calls(100000);
shopper($user) <- workload("local-idp", "report-agent"), user("local-idp", $user);
allow if shopper($user), action("read"), under("orders");
allow if shopper($user), action("read"), under("shelf/public");
allow if shopper($user), action("write"), under("shelf/public");
allow if shopper($user), tool("http/shop/place_order"), action("write"), dataset("orders/new");
require_constraint("/count", {"integer": {"min": 1, "max": 10}}) <- tool("http/shop/place_order");
allow if shopper($user), tool("http/shop/pay"), action("write"), dataset("payments");
require_constraint("/amount", {"number": {"min": 0, "max": 100}}) <- tool("http/shop/pay");
`;

export const GRANTS: readonly Grant[] = [
  { tool: 'http/shop/get_order', action: 'read', dataset: 'orders' },
  { tool: 'http/shop/search_orders', action: 'read', dataset: 'orders' },
  { tool: 'http/shop/place_order', action: 'write', dataset: 'orders/new' },
  { tool: 'http/shop/pay', action: 'write', dataset: 'payments' },
  { tool: 'http/shop/get_file', action: 'read', dataset: 'shelf/public' },
  { tool: 'http/shop/put_file', action: 'write', dataset: 'shelf/public' },
];

/** What the gateway answered. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The code of a denial. */
  readonly code: string | undefined;
}

export interface Shop {
  readonly stage: Processes;
  readonly api: TestApi;
  /** Obtains a capability for everything that the policy allows. */
  token(grants?: readonly Grant[]): Promise<string>;
  /** Sends a request below `/http/shop` with a token. */
  send(token: string, method: string, path: string, init?: RequestInit): Promise<Answer>;
  /** Sends bytes to the gateway as they are, and returns what it answers until it closes. */
  raw(text: string): Promise<string>;
  close(): Promise<void>;
}

const CLOSED = 'connection: close\r\n';

export async function openShop(limits: object = {}): Promise<Shop> {
  const api = await startApi('/v1');
  const stage = await openProcesses({
    gateway: {
      UPSTREAMS: JSON.stringify({
        shop: { url: api.url, kind: 'http', addresses: ['127.0.0.0/8'], limits },
        gone: { url: 'http://127.0.0.1:9/', kind: 'http', addresses: ['127.0.0.0/8'] },
        watched: { url: api.url, kind: 'http', mode: 'observe', addresses: ['127.0.0.0/8'] },
        notes: { url: `${api.url}/mcp`, addresses: ['127.0.0.0/8'] },
      }),
    },
  });
  const { issuer: url, operator: credential } = stage;
  const caller = createAdminCaller({ url, credential, fetch });
  const version = { policy: { 'policy/shop.datalog': POLICY }, catalogue: CATALOGUE };
  const put = await putVersion(caller, { version, by: 'dev', reason: 'test' });
  if (!put.ok) throw new Error(JSON.stringify(put.error));
  return {
    stage,
    api,
    token: async (grants = GRANTS) => (await obtain(stage, [...grants])).token,
    send: async (token, method, path, init = {}) => {
      const headers = new Headers(init.headers);
      if (token !== '') headers.set('authorization', `Bearer ${token}`);
      const response = await stage.fetch(`${stage.audience}/http/shop${path}`, {
        duplex: 'half',
        ...init,
        method,
        headers,
        redirect: 'manual',
      } as RequestInit);
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        text,
        code: codeOf(text),
      };
    },
    raw: (text) =>
      exchangeBytes(new URL(stage.audience), text.replace('\r\n\r\n', `\r\n${CLOSED}\r\n`)),
    close: async () => {
      await stage.close();
      await api.close();
    },
  };
}

function codeOf(text: string): string | undefined {
  try {
    return (JSON.parse(text) as { code?: string }).code;
  } catch {
    return undefined;
  }
}

const RAW_MILLISECONDS_MAX = 20_000;

function exchangeBytes({ hostname, port }: URL, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    const done = (): void => resolve(Buffer.concat(chunks).toString('latin1'));
    socket.setTimeout(RAW_MILLISECONDS_MAX, () => {
      socket.destroy();
      done();
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', done);
    socket.on('error', reject);
    socket.write(Buffer.from(text, 'latin1'));
  });
}
