/**
 * The cost of a mint: our issuer on workerd next to `oidc-provider` on Node, with one client in one
 * run, batches in turns and in random order. Wall time includes the client, and in a pinned run all
 * share one core. CPU time is the server's own.
 */
import {
  type Client,
  type Contender,
  createClient,
  type Operation,
  startHewn,
  startPeer,
} from '../mint/index.ts';
import type { Report } from '../report.ts';
import { shuffled, Timings } from '../rounds.ts';
import type { SuiteOptions } from './options.ts';

const AT_ONCE = [1, 8] as const;
/** Uncounted batches of each: both runtimes compile for about this long. */
const WARM_ROUNDS = 5;
const PEER = 'oidc-provider: client_credentials';

interface Batch {
  readonly contender: Contender;
  readonly operation: Operation;
  readonly atOnce: number;
  /** Microseconds for each request, one number per batch. */
  readonly wall: number[];
  readonly cpu: number[];
}

const keyOf = (name: string, atOnce: number): string => `${name}, ${atOnce} at once`;

export async function mintReport(options: SuiteOptions): Promise<Report> {
  const started: Contender[] = [];
  const client = createClient();
  try {
    for (const start of [startHewn, startPeer]) started.push(await start());
    const batches = started.flatMap((contender) =>
      contender.operations.flatMap((operation) =>
        AT_ONCE.map((atOnce): Batch => ({ contender, operation, atOnce, wall: [], cpu: [] })),
      ),
    );
    await runAll(batches, client, options);
    return report(batches, options);
  } finally {
    client.close();
    for (const contender of started) await contender.stop();
  }
}

async function runAll(
  batches: readonly Batch[],
  client: Client,
  { rounds, operationsPerRound, progress }: SuiteOptions,
): Promise<void> {
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    for (const { contender, operation, atOnce, wall, cpu } of shuffled(batches)) {
      const requests = await operation.prepare(operationsPerRound);
      const before = await contender.cpuMicroseconds();
      const milliseconds = await client.send(requests, atOnce);
      const spent = (await contender.cpuMicroseconds()) - before;
      if (round < 0) continue;
      wall.push((milliseconds * 1_000) / operationsPerRound);
      cpu.push(spent / operationsPerRound);
    }
    progress(round < 0 ? 'warming' : `round ${round + 1} of ${rounds}`);
  }
}

function report(batches: readonly Batch[], { rounds, operationsPerRound }: SuiteOptions): Report {
  const timings = (of: 'wall' | 'cpu') =>
    new Timings(
      new Map(batches.map((batch) => [keyOf(batch.operation.name, batch.atOnce), batch[of]])),
    );
  const [wall, cpu] = [timings('wall'), timings('cpu')];
  const rows = batches.map(({ operation: { name }, atOnce }) => {
    const key = keyOf(name, atOnce);
    const peer = keyOf(PEER, atOnce);
    return {
      name,
      atOnce,
      perSecond: 1_000_000 / wall.median(key),
      milliseconds: (wall.median(key) * atOnce) / 1_000,
      cpuMicroseconds: cpu.median(key),
      cpuMicrosecondsP10: cpu.p10(key),
      cpuTimesPeer: cpu.ratio(key, peer),
      wallTimesPeer: wall.ratio(key, peer),
    };
  });
  return {
    suite: 'mint',
    title: `Mints, medians of ${rounds} batches of ${operationsPerRound} requests`,
    columns: [
      ...['', 'at once', 'a second', 'ms each', 'times peer'],
      ...['server CPU us each', 'p10', 'times peer'],
    ],
    rows: rows.map((row) => [
      ...[row.name, String(row.atOnce), row.perSecond.toFixed(0), row.milliseconds.toFixed(2)],
      ...[row.wallTimesPeer.toFixed(2), row.cpuMicroseconds.toFixed(0)],
      ...[row.cpuMicrosecondsP10.toFixed(0), row.cpuTimesPeer.toFixed(2)],
    ]),
    data: { rounds, operationsPerRound, peer: PEER, rows },
  };
}
