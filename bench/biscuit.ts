/** Benchmarks of the Biscuit engine. See --help. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { MEANINGS } from './biscuit/contest.ts';
import { makeFixture } from './biscuit/fixture.ts';
import { openNode } from './biscuit/node.ts';
import { measureSpeed, type Runtime, type SpeedReport } from './biscuit/speed.ts';
import { openWorkerd } from './biscuit/workerd.ts';
import { table } from './statistics.ts';

const HELP = `usage: node bench/biscuit.ts [--rounds N] [--runtime node|workerd] [--json FILE]

CPU time per operation of Hewn's Biscuit engine, of biscuit-wasm 0.6.0, of the floor that WebCrypto
sets, and of jose's jwtVerify: medians of interleaved rounds, each contestant in a process of its
own, all of them pinned to one core. Compare within a column; the machine is not the one you deploy to.

  --rounds N    measured rounds after the warm-up (default 21)
  --runtime R   one runtime only
  --json FILE   the reports as JSON too
  --help        this text
`;

const OPEN = { node: openNode, workerd: openWorkerd } as const;

const number = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

function entriesTable(reports: readonly SpeedReport[]): string {
  const names = Object.keys(reports[0]?.entries ?? {});
  const header = ['us of CPU: median (p10)', ...reports.map(({ runtime }) => runtime)];
  const rows = names.map((name) => [
    MEANINGS[name] ?? name,
    ...reports.map(({ entries }) => {
      const summary = entries[name];
      return summary === undefined ? '' : `${number(summary.median)} (${number(summary.p10)})`;
    }),
  ]);
  return table([header, ...rows]);
}

function goalsTable({ runtime, goals }: SpeedReport): string {
  const header = [`ratios in ${runtime} (paired)`, 'measured', 'goal', ''];
  const rows = goals.map(({ goal, ratio, reached }) => [
    goal.text,
    ratio.toFixed(2),
    `${goal.bound === 'least' ? '>=' : '<='} ${goal.values[runtime].toFixed(2)}`,
    reached ? 'reached' : 'MISSED',
  ]);
  return table([header, ...rows]);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '21' },
      runtime: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  const rounds = Number(values.rounds);
  const runtimes = (['workerd', 'node'] as const).filter(
    (name) => values.runtime === undefined || values.runtime === name,
  );
  if (values.help === true || !Number.isSafeInteger(rounds) || runtimes.length === 0) {
    process.stdout.write(HELP);
    process.exitCode = values.help === true ? 0 : 2;
    return;
  }
  const fixture = await makeFixture();
  const reports: SpeedReport[] = [];
  for (const runtime of runtimes satisfies readonly Runtime[]) {
    reports.push(await measureSpeed(runtime, OPEN[runtime], fixture, rounds));
  }
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  process.stdout.write(`${machine}, ${rounds} rounds\n\n${entriesTable(reports)}\n`);
  for (const report of reports) process.stdout.write(`\n${goalsTable(report)}\n`);
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ machine, reports }, undefined, 2)}\n`);
  }
}

await main();
