/** What the bridge adds to a call: through a socket and two processes, next to a direct request. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Report, verdict } from '../report.ts';
import { quantile } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

const FOLDER = join(import.meta.dirname, '../bridge');
const PROGRAM = join(import.meta.dirname, '../../src/bridge/main.ts');
const WARMING = 200;
const ADDED_MILLISECONDS_MAX = 3; // At the 99th percentile: a person notices ten times as much.

type Call = (id: number) => Promise<unknown>;

const message = (id: number): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'read_note', arguments: { path: 'team/monday.md' } },
  });

/** Measures pairs: each call is made both ways, in turn first. */
export async function bridgeReport({ rounds, operationsPerRound }: SuiteOptions): Promise<Report> {
  const upstream = fork(join(FOLDER, 'upstream.node.ts'));
  const url = `http://127.0.0.1:${(await first<{ port: number }>(upstream)).port}/mcp/notes`;
  const parent = fork(join(FOLDER, 'parent.node.ts'), [url]);
  const { path } = await first<{ path: string }>(parent);
  const bridge = spawn(process.execPath, [PROGRAM, path, 'notes'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const direct: Call = async (id) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body: message(id) });
      return JSON.parse(await response.text());
    };
    const bridged = lineClient(bridge.stdin, bridge.stdout);
    for (let id = 1; id <= WARMING; id++) {
      await direct(id);
      await bridged(id);
    }
    const spent: { readonly direct: number[]; readonly bridged: number[] } = {
      direct: [],
      bridged: [],
    };
    for (let id = WARMING + 1; id <= WARMING + rounds * operationsPerRound; id++) {
      const order =
        id % 2 === 0 ? (['direct', 'bridged'] as const) : (['bridged', 'direct'] as const);
      for (const way of order) {
        const began = performance.now();
        await (way === 'direct' ? direct : bridged)(id);
        spent[way].push(performance.now() - began);
      }
    }
    const added = spent.bridged.map((each, index) => each - (spent.direct[index] ?? 0));
    const rows = Object.entries({ ...spent, added }).map(([name, all]) => [
      name,
      ...[0.5, 0.9, 0.99].map((each) => milliseconds(quantile(all, each))),
    ]);
    const p99 = quantile(spent.bridged, 0.99) - quantile(spent.direct, 0.99);
    return {
      suite: 'bridge',
      title: `A call through hewn run, in milliseconds: the 99th percentile is ${milliseconds(p99)} higher (at most ${ADDED_MILLISECONDS_MAX}: ${verdict(p99 <= ADDED_MILLISECONDS_MAX)})`,
      columns: ['way', 'median', 'p90', 'p99'],
      rows: rows as string[][],
      data: { calls: spent.direct.length, p99, rows },
    };
  } finally {
    bridge.kill();
    parent.disconnect();
    upstream.disconnect();
  }
}

const milliseconds = (value: number): string => value.toFixed(2);

async function first<T>(child: ChildProcess): Promise<T> {
  const [said] = await once(child, 'message');
  return said as T;
}

/** A client of standard streams, with one call at a time. */
function lineClient(input: NodeJS.WritableStream, output: NodeJS.ReadableStream): Call {
  const lines = createInterface({ input: output })[Symbol.asyncIterator]();
  return async (id) => {
    input.write(`${message(id)}\n`);
    const { value } = await lines.next();
    return JSON.parse(String(value));
  };
}
