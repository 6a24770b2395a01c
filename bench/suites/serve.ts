/**
 * What a server of one's own carries: one `hewn serve` with its state on this machine's disk, one
 * client that sends several requests at once, and an MCP server that answers at once. Batches of
 * each operation run in turns, in a fresh random order. Client, MCP server and workerd share the
 * machine, and in a pinned run one core.
 */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServed, type Served } from '../../test/e2e/serve/served.ts';
import type { Report } from '../report.ts';
import { quantile, shuffled } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

const AT_ONCE = 8;
const WARM_ROUNDS = 2;
const NO_LIMIT = 10_000_000;
const TOOL = 'mcp/files/read_text_file';

interface Operation {
  readonly name: string;
  /** Prepares the batch outside of the measurement. */
  readonly prepare: (count: number) => Promise<readonly (() => Promise<void>)[]>;
  readonly perSecond: number[];
}

export async function serveReport(options: SuiteOptions): Promise<Report> {
  const upstream = await startUpstream();
  const served = await createServed({
    upstream: upstream.url,
    issuerRates: `tokenPerSource = ${NO_LIMIT}, tokenShared = ${NO_LIMIT}, tokenPerAgent = ${NO_LIMIT}`,
    gatewayRates: `requestPerSource = ${NO_LIMIT}, requestShared = ${NO_LIMIT}, requestPerWorkflow = ${NO_LIMIT}`,
  });
  try {
    const server = await served.serve();
    const operations = await operationsOf(served);
    const idle = memoryOf(served);
    await runAll(operations, options);
    const loaded = memoryOf(served);
    await server.stop();
    return report(operations, { idle, loaded }, options);
  } finally {
    await served.close();
    await upstream.close();
  }
}

async function runAll(operations: readonly Operation[], options: SuiteOptions): Promise<void> {
  const { rounds, operationsPerRound, progress } = options;
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    for (const { prepare, perSecond } of shuffled(operations)) {
      const requests = [...(await prepare(operationsPerRound))];
      const started = performance.now();
      const work = async () => {
        for (let next = requests.pop(); next; next = requests.pop()) await next();
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      const seconds = (performance.now() - started) / 1_000;
      if (round >= 0) perSecond.push(operationsPerRound / seconds);
    }
    progress(round < 0 ? 'warming' : `round ${round + 1} of ${rounds}`);
  }
}

async function operationsOf(served: Served): Promise<readonly Operation[]> {
  const operator = await served.operator();
  const { token } = await mint(served);
  const call = async () => {
    const response = await fetch(`${served.audience}/mcp/files`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'read_text_file', arguments: { path: 'reports/q1.md' } },
      }),
    });
    await expectOk(response);
  };
  const revoke = async (workflow: string) => {
    const response = await fetch(`${served.issuer}/admin/v1/workflows/${workflow}/revoke`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'bench' }),
    });
    await expectOk(response);
  };
  const times = <T>(count: number, make: () => T): readonly T[] =>
    Array.from({ length: count }, make);
  return [
    {
      name: 'mints, each of a new workflow',
      prepare: async (count) => {
        const requests = await Promise.all(times(count, () => tokenRequest(served)));
        return requests.map((body) => async () => {
          await expectOk(await fetch(`${served.issuer}/token`, { method: 'POST', body }));
        });
      },
      perSecond: [],
    },
    {
      name: 'calls through the gateway',
      prepare: async (count) => times(count, () => call),
      perSecond: [],
    },
    {
      name: 'revocations',
      prepare: async (count) => {
        const workflows: string[] = [];
        for (let i = 0; i < count; i++) workflows.push((await mint(served)).workflow);
        return workflows.map((workflow) => () => revoke(workflow));
      },
      perSecond: [],
    },
  ];
}

async function tokenRequest({ audience, identity }: Served): Promise<URLSearchParams> {
  const type = 'urn:ietf:params:oauth:token-type:access_token';
  const grants = [{ tool: TOOL, action: 'read', dataset: 'files/reports' }];
  return new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: await identity.jwt('alice'),
    subject_token_type: type,
    actor_token: await identity.jwt('report-agent'),
    actor_token_type: type,
    resource: audience,
    authorization_details: JSON.stringify([
      { type: 'hewn_task', task: 'quarterly churn report', grants },
    ]),
  });
}

async function mint(served: Served): Promise<{ token: string; workflow: string }> {
  const response = await fetch(`${served.issuer}/token`, {
    method: 'POST',
    body: await tokenRequest(served),
  });
  const body = JSON.parse(await expectOk(response)) as {
    access_token: string;
    authorization_details: readonly [{ workflow: string }];
  };
  return { token: body.access_token, workflow: body.authorization_details[0].workflow };
}

async function expectOk(response: Response): Promise<string> {
  const text = await response.text();
  if (response.status !== 200) throw new Error(`HTTP ${response.status}: ${text.slice(0, 300)}`);
  return text;
}

/** Returns the resident memory of the workerd on this folder, in MiB. */
function memoryOf({ folder }: Served): number {
  const lines = execFileSync('ps', ['-A', '-o', 'rss=,args='], { encoding: 'utf8' }).split('\n');
  const line = lines.find((one) => one.includes(folder) && /^\s*\d+ \S*workerd serve/.test(one));
  return Number(/^\s*(\d+)/.exec(line ?? '')?.[1] ?? Number.NaN) / 1_024;
}

/** An MCP server that answers every call with the same text. */
async function startUpstream(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id } = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    const result = { content: [{ type: 'text', text: 'Q1' }] };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function report(
  operations: readonly Operation[],
  memory: { readonly idle: number; readonly loaded: number },
  { rounds, operationsPerRound }: SuiteOptions,
): Report {
  const rows = operations.map(({ name, perSecond }) => ({
    name,
    median: quantile(perSecond, 0.5),
    p10: quantile(perSecond, 0.1),
    p90: quantile(perSecond, 0.9),
  }));
  return {
    suite: 'serve',
    title: `hewn serve, ${AT_ONCE} requests at once, ${rounds} batches of ${operationsPerRound}; workerd has ${memory.idle.toFixed(0)} MiB before and ${memory.loaded.toFixed(0)} MiB after`,
    columns: ['a second', 'median', 'p10', 'p90'],
    rows: rows.map(({ name, ...values }) => [
      name,
      ...[values.median, values.p10, values.p90].map((value) => value.toFixed(0)),
    ]),
    data: { rounds, operationsPerRound, atOnce: AT_ONCE, memory, rows },
  };
}
