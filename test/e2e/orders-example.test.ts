import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AgentOptions, obtainForCustomer, ordersApi } from '../../examples/orders/agent.ts';
import { createApi } from '../../examples/orders/api.ts';
import { neededGrantsOf } from '../../src/agent/index.ts';
import { loadFolder } from '../../src/cli/index.ts';
import { type Dev, LOOPBACK, startDev } from '../../src/dev/index.ts';

/** examples/orders under `hewn dev`: an HTTP API, its gateway, and an agent that calls `fetch`. */
const FOLDER = 'examples/orders';
const START_MS_MAX = 90_000;
const FREE_PORTS: Readonly<Record<string, string>> = {
  HEWN_GATEWAY_PORT: '0',
  HEWN_ISSUER_PORT: '0',
  HEWN_IDP_PORT: '0',
  HEWN_MCP_PORT: '0',
};

let home: string;
let api: Server;
let dev: Dev;
const said: string[] = [];
let options: AgentOptions;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hewn-orders-'));
  api = createApi();
  await new Promise<void>((listening) => api.listen(0, LOOPBACK, listening));
  const url = `http://${LOOPBACK}:${(api.address() as AddressInfo).port}/v1`;
  const started = await startDev({
    folder: resolve(FOLDER),
    home,
    // The port of the example may be taken.
    load: async () => {
      const loaded = await loadFolder(process.cwd(), FOLDER);
      if (!loaded.ok) return loaded;
      const { deployment } = loaded.value;
      // Its credential is in no environment variable.
      const credential = { kind: 'bearer', secret: 'STOCK_KEY' } as const;
      const stock = { url: 'https://stock.example', kind: 'http', credential } as const;
      const environments = deployment.environments.map((environment) => ({
        ...environment,
        gateways: environment.gateways.map((gateway) => ({
          ...gateway,
          upstreams: { ...gateway.upstreams, stock },
        })),
      }));
      const servers = { orders: { url } };
      const own = { ...deployment, environments, dev: { ...deployment.dev, servers } };
      return { ok: true, value: { ...loaded.value, deployment: own } };
    },
    variable: (name) => FREE_PORTS[name],
    say: (line) => said.push(line),
  });
  if (!started.ok) throw new Error(started.error);
  dev = started.value;
  const { issuer, gateways, identity } = dev.stage();
  const tokenOf = async (names: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams(names);
    const response = await fetch(identity.tokenEndpoint, { method: 'POST', body });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  options = {
    issuer,
    gateway: gateways[0]?.url ?? '',
    subjectToken: await tokenOf({ user: 'alice', agent: 'support-agent' }),
    actorToken: await tokenOf({ agent: 'support-agent' }),
  };
}, START_MS_MAX);
afterAll(async () => {
  await dev?.close();
  api.closeAllConnections();
  await new Promise((closed) => api.close(closed));
  await rm(home, { recursive: true, force: true });
});

test('names the credential that no one has set, and runs the rest', () => {
  const warning = 'warning: HEWN_GATEWAY_STOCK_KEY is not set, so its upstream is unavailable.';
  expect(said).toEqual([warning]);
});

test('an agent reads, writes and uploads within its task, and nothing else', async () => {
  const capability = await obtainForCustomer(options, 'ada');
  const orders = ordersApi(capability, options);
  const listed = await orders.list('ada');
  expect(await listed.json()).toMatchObject({ orders: [{ id: 7 }, { id: 8 }] });

  const refunded = await orders.refund('ada', 7, 20);
  expect(refunded.status).toBe(201);
  expect(refunded.headers.get('location')).toBe('/http/orders/customers/ada/orders/7/refunds/1');
  expect(await refunded.json()).toMatchObject({ refunded: 20 });

  const photo = new Uint8Array(200_000);
  expect(await (await orders.putPhoto('ada', 7, photo)).json()).toMatchObject({
    photoBytes: 200_000,
  });

  const elsewhere = await orders.list('grace');
  expect(elsewhere.status).toBe(403);
  expect(await elsewhere.clone().json()).toMatchObject({ code: 'no_grant' });
  expect(await neededGrantsOf(elsewhere)).toMatchObject([
    { tool: 'http/orders/list_orders', dataset: 'customers/grace' },
  ]);
  const tooMuch = await orders.refund('ada', 7, 51);
  expect(await tooMuch.json()).toMatchObject({ code: 'constraint_failed', argument: '/amount' });
});

test('a revoked workflow reaches nothing', async () => {
  const capability = await obtainForCustomer(options, 'ada');
  const orders = ordersApi(capability, options);
  const reason = JSON.stringify({ reason: 'test' });
  const headers = {
    authorization: `Bearer ${dev.keys.operator}`,
    'content-type': 'application/json',
  };
  const url = `${options.issuer}/admin/v1/workflows/${capability.workflow}/revoke`;
  const revoked = await fetch(url, { method: 'POST', headers, body: reason });
  expect(revoked.status).toBe(200);
  await expect.poll(async () => (await orders.list('ada')).status).toBe(401);
});
