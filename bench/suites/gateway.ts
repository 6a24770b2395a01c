/**
 * What the gateway adds to a call: the same call to the upstream alone, through a Worker that only
 * forwards, through our gateway, and through other gateways from npm, in one run, in turns and in a
 * fresh random order. One connection for the latency, several for the throughput.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Call,
  load,
  oursTarget,
  startExpressGateway,
  startMcpProxy,
  startOurs,
  startPlain,
  startUpstream,
  TARGET_CALL,
  type Target,
} from '../gateway/index.ts';
import type { Report } from '../report.ts';
import { verdict } from '../report.ts';
import { quantile, shuffled } from '../rounds.ts';
import { cpuMicroseconds, residentMebibytes } from '../runtimes/index.ts';
import type { SuiteOptions } from './options.ts';

const AT_ONCE = 8;
const WARM_ROUNDS = 4;
/** The targets, as docs/explanation/performance.md has them. */
const TIMES_PLAIN_MAX = 2;
const CPU_MICROSECONDS_MAX = 1_000;

/** What one call cost in each round. */
interface Measured {
  readonly call: Call;
  readonly target: Target;
  readonly p50: number[];
  readonly p99: number[];
  readonly perSecond: number[];
  readonly cpu: number[];
}

export async function gatewayReport(options: SuiteOptions): Promise<Report | readonly Report[]> {
  requirePeers();
  const started: { readonly stop: () => Promise<void> }[] = [];
  const starting = async <T extends { readonly stop: () => Promise<void> }>(one: Promise<T>) => {
    const running = await one;
    started.push(running);
    return running;
  };
  try {
    const upstream = await starting(startUpstream());
    const ours = await starting(startOurs(upstream.url));
    const hewn = await oursTarget(ours);
    const targets: readonly Target[] = [
      upstream,
      await starting(startPlain(upstream.url)),
      hewn,
      await starting(startMcpProxy()),
      await starting(startExpressGateway(upstream.url)),
    ];
    const measured = await runAll(targets, options);
    const memory = await memoryOf(hewn, options);
    return report(measured, memory, options);
  } finally {
    for (const { stop } of started.reverse()) await stop();
  }
}

function requirePeers(): void {
  const folder = join(import.meta.dirname, '../gateway');
  if (existsSync(join(folder, 'node_modules/autocannon'))) return;
  throw new Error(
    'The load generator and the other gateways are a package of their own. Install it: ' +
      'npm install --prefix bench/gateway --ignore-scripts',
  );
}

async function runAll(
  targets: readonly Target[],
  { rounds, operationsPerRound, progress }: SuiteOptions,
): Promise<readonly Measured[]> {
  const measured = targets.flatMap((target) =>
    target.calls.map(
      (call): Measured => ({ call, target, p50: [], p99: [], perSecond: [], cpu: [] }),
    ),
  );
  for (let round = -WARM_ROUNDS; round < rounds; round++) {
    for (const { call, target, p50, p99, perSecond, cpu } of shuffled(measured)) {
      const before = await cpuMicroseconds(target.pid);
      const alone = await load(call, operationsPerRound, 1);
      const spent = (await cpuMicroseconds(target.pid)) - before;
      const together = await load(call, operationsPerRound, AT_ONCE);
      if (round < 0) continue;
      p50.push(quantile(alone.milliseconds, 0.5));
      p99.push(quantile(alone.milliseconds, 0.99));
      cpu.push(spent / operationsPerRound);
      perSecond.push(together.perSecond);
    }
    progress(round < 0 ? 'warming' : `round ${round + 1} of ${rounds}`);
  }
  return measured;
}

interface Memory {
  readonly calls: number;
  readonly before: number;
  readonly after: number;
}

/** The memory of the gateway's process over very many calls, if `--calls` asks for them. */
async function memoryOf(
  hewn: Target,
  { memoryCalls, progress }: SuiteOptions,
): Promise<Memory | undefined> {
  const call = hewn.calls.find(({ name }) => name === TARGET_CALL);
  if (memoryCalls === undefined || !call) return undefined;
  const batch = 5_000;
  await load(call, batch, AT_ONCE);
  const before = await residentMebibytes(hewn.pid);
  for (let made = 0; made < memoryCalls; made += batch) {
    await load(call, Math.min(batch, memoryCalls - made), AT_ONCE);
    progress(`${made + batch} of ${memoryCalls} calls for the memory`);
  }
  return { calls: memoryCalls, before, after: await residentMebibytes(hewn.pid) };
}

function report(
  measured: readonly Measured[],
  memory: Memory | undefined,
  { rounds, operationsPerRound }: SuiteOptions,
): Report | readonly Report[] {
  const byName = new Map(measured.map((one) => [one.call.name, one]));
  const ratio = (one: Measured, of: 'p50' | 'perSecond') => {
    const floor = byName.get(one.call.floor);
    return quantile(
      one[of].map((value, round) => value / (floor?.[of][round] ?? Number.NaN)),
      0.5,
    );
  };
  const rows = measured.map((one) => ({
    name: one.call.name,
    p50: quantile(one.p50, 0.5),
    p99: quantile(one.p99, 0.5),
    perSecond: quantile(one.perSecond, 0.5),
    cpuMicroseconds: quantile(one.cpu, 0.5),
    p50TimesPlain: ratio(one, 'p50'),
    perSecondTimesPlain: ratio(one, 'perSecond'),
  }));
  const target = rows.find(({ name }) => name === TARGET_CALL);
  const title = `Calls through a gateway, medians of ${rounds} rounds of ${operationsPerRound} calls; times plain: of a Worker that only forwards`;
  const calls: Report = {
    suite: 'gateway',
    title,
    columns: [
      ...['', 'p50 ms', 'p99 ms', 'times plain', `a second, ${AT_ONCE} at once`, 'times plain'],
      'process CPU us',
    ],
    rows: rows.map((row) => [
      ...[row.name, row.p50.toFixed(2), row.p99.toFixed(2), row.p50TimesPlain.toFixed(2)],
      ...[row.perSecond.toFixed(0), row.perSecondTimesPlain.toFixed(2)],
      row.cpuMicroseconds.toFixed(0),
    ]),
    data: { rounds, operationsPerRound, atOnce: AT_ONCE, rows, memory },
  };
  const times = target?.p50TimesPlain ?? Number.NaN;
  const cpu = target?.cpuMicroseconds ?? Number.NaN;
  const targets: Report = {
    suite: 'gateway-targets',
    title: `Targets, for "${TARGET_CALL}"`,
    columns: ['', 'measured', 'target', ''],
    rows: [
      [
        ...['p50, times the plain Worker', times.toFixed(2), `<= ${TIMES_PLAIN_MAX}`],
        verdict(times <= TIMES_PLAIN_MAX),
      ],
      [
        ...['CPU of the process for a call, us', cpu.toFixed(0), `<= ${CPU_MICROSECONDS_MAX}`],
        verdict(cpu <= CPU_MICROSECONDS_MAX),
      ],
      ...(memory
        ? [
            [
              `memory after ${memory.calls} calls, MiB`,
              memory.after.toFixed(0),
              `before: ${memory.before.toFixed(0)}`,
              '',
            ],
          ]
        : []),
    ],
    data: { times, cpu, memory },
  };
  return [calls, targets];
}
