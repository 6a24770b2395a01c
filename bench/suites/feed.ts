/**
 * The trust feed: how long a revocation takes to become a denial, the size of its parts, the cost
 * of a replica next to a `Set` of strings, and how fast the log appends. Subscribers, gateway and
 * log share one core here; in production each has its own.
 */
import { tmpdir } from 'node:os';
import {
  type AppendRow,
  type DenialRow,
  deltaRow,
  headRow,
  measureAppends,
  measurePollingWorker,
  measureReplica,
  measureSubscribers,
  type ReplicaRow,
  type SizeRow,
  snapshotRow,
} from '../feed/index.ts';
import { startScene } from '../mint/index.ts';
import type { Report } from '../report.ts';
import type { SuiteOptions } from './options.ts';

const SUBSCRIBERS = [1, 50, 500] as const;
const SIZES = [1_000, 100_000, 1_000_000] as const;
const DELTAS = [1, 100, 1_024] as const;

export async function feedReports(options: SuiteOptions): Promise<readonly Report[]> {
  return [
    denialReport(await denials(options)),
    sizeReport(await sizes(options)),
    replicaReport(await replicas(options)),
    appendReport(await appends(options)),
  ];
}

async function denials({ rounds, isQuick, progress }: SuiteOptions): Promise<DenialRow[]> {
  const rows: DenialRow[] = [];
  const scene = await startScene();
  try {
    for (const count of isQuick ? SUBSCRIBERS.slice(0, 2) : SUBSCRIBERS) {
      progress(`${count} subscribers`);
      rows.push(await measureSubscribers(scene, count, isQuick ? 3 : 2 * rounds));
    }
    progress('a polling Worker');
    rows.push(await measurePollingWorker(scene, isQuick ? 3 : rounds));
    return rows;
  } finally {
    await scene.stop();
  }
}

async function sizes({ isQuick, progress }: SuiteOptions): Promise<SizeRow[]> {
  const times = isQuick ? 20 : 200;
  progress('heads and deltas');
  const rows = [
    await headRow('head, one key', {}, times),
    await headRow('head, 16 keys and 64 watermarks', { keys: 16, watermarks: 64 }, times),
  ];
  for (const entries of DELTAS) rows.push(await deltaRow(entries, isQuick ? 3 : 15));
  for (const count of isQuick ? SIZES.slice(0, 2) : SIZES) {
    progress(`a snapshot of ${count}`);
    rows.push(await snapshotRow(count, 3));
  }
  return rows;
}

async function replicas({ rounds, isQuick, progress }: SuiteOptions): Promise<ReplicaRow[]> {
  const rows: ReplicaRow[] = [];
  for (const count of isQuick ? SIZES.slice(0, 2) : SIZES) {
    progress(`a replica of ${count}`);
    rows.push(await measureReplica(count, isQuick ? 3 : rounds));
  }
  return rows;
}

async function appends({ rounds, isQuick, progress }: SuiteOptions) {
  progress('appends');
  return measureAppends(isQuick ? 1 : Math.ceil(rounds / 2));
}

const denialReport = (rows: readonly DenialRow[]): Report => ({
  suite: 'feed denial',
  title: 'Milliseconds from a revocation to its denials, all processes on one core',
  columns: [
    ...['', 'revocations', 'from answer p50', 'p99', 'from request p50', 'p99'],
    'workerd CPU us each',
  ],
  rows: rows.map((row) => [
    ...[row.what, String(row.revocations), row.p50.toFixed(0), row.p99.toFixed(0)],
    ...[row.fromRequestP50.toFixed(0), row.fromRequestP99.toFixed(0)],
    row.serverMicroseconds?.toFixed(0) ?? '',
  ]),
  data: { rows },
});

const sizeReport = (rows: readonly SizeRow[]): Report => ({
  suite: 'feed sizes',
  title: 'Bytes on the wire, and CPU milliseconds to write and to apply them',
  columns: ['', 'bytes', 'write', 'apply'],
  rows: rows.map(({ what, bytes, encode, apply }) => [
    ...[what, bytes.toLocaleString('en-US')],
    ...[(encode / 1_000).toFixed(2), (apply / 1_000).toFixed(2)],
  ]),
  data: { rows },
});

const replicaReport = (rows: readonly ReplicaRow[]): Report => ({
  suite: 'feed replica',
  title: 'A replica next to a Set of strings, each in its own process; half of the look-ups hit',
  columns: ['entries', 'MB', 'Set, MB', 'times Set', 'look-up ns', 'Set, ns', 'times Set'],
  rows: rows.map((row) => [
    row.entries.toLocaleString('en-US'),
    ...[(row.replicaBytes / 1e6).toFixed(2), (row.setBytes / 1e6).toFixed(2)],
    (row.replicaBytes / row.setBytes).toFixed(2),
    ...[row.replicaNanoseconds.toFixed(0), row.setNanoseconds.toFixed(0)],
    (row.replicaNanoseconds / row.setNanoseconds).toFixed(2),
  ]),
  data: { rows },
});

/** The case's name says what its append does. It answers once both copies have the entry. */
const appendReport = (rows: readonly AppendRow[]): Report => ({
  suite: 'feed appends',
  title: `Entries per second: chain, SQLite commit, archive's commit (in ${tmpdir()})`,
  columns: ['', 'at once', 'entries per second', 'times the bare row', 'workerd CPU us each'],
  rows: rows.map((row) => {
    const floor = rows.find(({ batch, atOnce }) => batch === 0 && atOnce === row.atOnce);
    return [
      ...[row.name, String(row.atOnce), row.perSecond.toFixed(0)],
      floor ? (row.perSecond / floor.perSecond).toFixed(2) : '',
      row.cpuMicroseconds.toFixed(0),
    ];
  }),
  data: { rows },
});
