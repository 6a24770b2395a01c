import { total } from './load.ts';
import { type Simulated, simulate } from './run.ts';
import { type FeedScale, USUAL } from './scale.ts';

/** Each is the one before it with something changed, or begins anew. */
const SLOW_CONFIRMATIONS = { confirmSeconds: 60 };
const CACHED = { ...SLOW_CONFIRMATIONS, cacheMilliseconds: 1_000 };
const RELAYED = { ...CACHED, relays: 9 };
const ALL_END = { ...RELAYED, stoppedShare: 1 };

/** The deployments that docs/scale.md speaks of. */
export const SCENARIOS: readonly (readonly [name: string, changes: Partial<FeedScale>])[] = [
  ['A no switch on', {}],
  ['B 300 verifiers', { verifiers: 300 }],
  ['C A, confirming once a minute', SLOW_CONFIRMATIONS],
  ['D C, polling every 5 s', { ...SLOW_CONFIRMATIONS, pollMilliseconds: 5_000 }],
  ['E C, heads kept 1 s in a location', CACHED],
  ['F E, through 9 relays', RELAYED],
  ['G F, heads kept 2 s', { ...RELAYED, cacheMilliseconds: 2_000 }],
  ['H C, over sockets', { ...SLOW_CONFIRMATIONS, socketShare: 1 }],
  ['I H, over sockets of 8 logs', { ...SLOW_CONFIRMATIONS, socketShare: 1, shards: 8 }],
  ['J F, each end is an entry', ALL_END],
  ['K J, in 8 logs', { ...ALL_END, shards: 8 }],
  ['L J, tokens of 15 minutes', { ...ALL_END, tokenSeconds: 900 }],
];

const COLUMNS = [
  ...['requests/s', 'of them confirm', 'live in a log', 'denied p50 s', 'p99 s'],
  ...['MB/day each', 'fullest', '%', '$/month'],
];

/** A row for each; requests and live entries are those of one log. */
export function scenarioTable(): string {
  const rows = SCENARIOS.map(([name, changes]) => [
    name,
    ...cells(simulate({ ...USUAL, ...changes })),
  ]);
  const all = [['', ...COLUMNS], ...rows];
  const widths =
    all[0]?.map((_, at) => Math.max(...all.map((row) => (row[at] ?? '').length))) ?? [];
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
