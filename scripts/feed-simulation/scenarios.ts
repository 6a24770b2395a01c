import { total } from './load.ts';
import { type Simulated, simulate } from './run.ts';
import { type FeedScale, USUAL } from './scale.ts';

const SLOW = { confirmSeconds: 60 };
const KEPT = { ...SLOW, keepsDeltas: 1 };
const RELAYED = { ...KEPT, relays: 9 };
const ALL_END = { ...RELAYED, stoppedShare: 1 };

/**
 * The deployments of docs/explanation/scale.md. Each name is a letter, the letter of the deployment
 * that it is based on, and what it changes.
 */
const SCENARIOS: readonly (readonly [name: string, changes: Partial<FeedScale>])[] = [
  ['A as the Workers are', {}],
  ['B A, no cache at all', { cacheMilliseconds: 0 }],
  ['C A, 400 verifiers', { verifiers: 400 }],
  ['D A, confirming once a minute', SLOW],
  ['E D, polling every 5 s', { ...SLOW, pollMilliseconds: 5_000 }],
  ['F D, deltas kept as well', KEPT],
  ['G F, through 9 relays', RELAYED],
  ['H G, heads kept 2 s', { ...RELAYED, cacheMilliseconds: 2_000 }],
  ['I D, over sockets', { ...SLOW, socketShare: 1 }],
  ['J I, sockets of 8 logs', { ...SLOW, socketShare: 1, shards: 8 }],
  ['K G, each end is an entry', ALL_END],
  ['L K, in 8 logs', { ...ALL_END, shards: 8 }],
  ['M K, tokens of 15 minutes', { ...ALL_END, tokenSeconds: 900 }],
];

const COLUMNS = [
  ...['requests/s', 'of them confirm', 'live in a log', 'denied p50 s', 'p99 s'],
  ...['MB/day each', 'fullest', '%', '$/month'],
];

/** Renders a row for each. Requests and live entries are those of one log. */
export function scenarioTable(): string {
  const rows = SCENARIOS.map(([name, changes]) => [
    name,
    ...cells(simulate({ ...USUAL, ...changes })),
  ]);
  const all = [['', ...COLUMNS], ...rows];
  const widths =
    all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cells({ requests, live, polling, sockets, bytes, uses, cost }: Simulated): string[] {
  const denial = polling ?? sockets;
  const [fullest] = uses;
  const day = bytes.heads + bytes.entries + bytes.snapshots;
  return [
    ...[total(requests).toFixed(0), requests.confirmations.toFixed(0)],
    ...[Math.round(live).toLocaleString('en-US')],
    ...[denial?.p50.toFixed(2) ?? '', denial?.p99.toFixed(2) ?? '', (day / 1e6).toFixed(0)],
    ...[fullest?.short ?? '', fullest ? ((100 * fullest.load) / fullest.most).toFixed(0) : ''],
    (cost.requests + cost.rows + cost.duration).toFixed(0),
  ];
}
