import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { table } from './report.ts';
import { SUITES, type SuiteOptions } from './suites/index.ts';

type SuiteName = keyof typeof SUITES;
const NAMES = Object.keys(SUITES) as readonly SuiteName[];

const isUnpinned = (name: SuiteName): boolean => 'isUnpinned' in SUITES[name];

const HELP = `npm run bench -- [suites] [options]
Measures CPU time per operation: medians of paired, interleaved rounds, pinned to one core if the
machine has taskset. Without suites, runs all of them but the
gateway, in about ten minutes.
${NAMES.map((name) => `  ${name.padEnd(16)} ${SUITES[name].about}`).join('\n')}

  --rounds N         counted rounds (default 15)
  --operations N     operations of each case in a round (default 100)
  --verifications N  of the heap suite (default 1000000 where it is named, else 50000)
  --calls N          of the gateway suite: measures its memory over this many calls
  --quick            of the feed suite: fewer subscribers, smaller logs, some seconds
  --json             print JSON instead of tables
  --help             this text

  npm run bench
  npm run bench -- biscuit workerd --rounds 25
  npm run bench -- capability --rounds 5 --operations 20 --json
  npm run bench -- heap --verifications 100000
  npm run bench -- feed --quick
  npm run bench -- gateway --calls 100000
`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked === 'help') {
    console.log(HELP);
    return 0;
  }
  if (asked === undefined) {
    console.error(HELP);
    return 2;
  }
  const pinned = asked.suites.some(isUnpinned) ? undefined : pin();
  if (pinned !== undefined) return pinned;
  const reports = [];
  for (const name of asked.suites) {
    const progress = (text: string) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${name}: ${text}`);
    };
    const made = await SUITES[name].run({ ...asked.options, progress });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    for (const report of [made].flat()) {
      if (!asked.json) console.log(`${table(report)}\n`);
      reports.push({ suite: report.suite, ...(report.data as object) });
    }
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown' };
  if (asked.json) console.log(JSON.stringify({ machine, reports }, null, 2));
  return 0;
}

interface Asked {
  readonly suites: readonly SuiteName[];
  readonly options: Omit<SuiteOptions, 'progress'>;
  readonly json: boolean;
}

function readArguments(): Asked | 'help' | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '15' },
        operations: { type: 'string', default: '100' },
        verifications: { type: 'string' },
        calls: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return 'help';
    const suites = NAMES.filter((name) => positionals.includes(name));
    const isNamed = positionals.length > 0;
    const options = {
      rounds: Number(values.rounds),
      operationsPerRound: Number(values.operations),
      verifications: Number(values.verifications ?? (isNamed ? 1_000_000 : 50_000)),
    };
    const isUnderstood =
      suites.length === new Set(positionals).size &&
      Object.values(options).every((count) => Number.isSafeInteger(count) && count >= 1);
    if (!isUnderstood) return undefined;
    const isQuick = values.quick;
    const memoryCalls = values.calls === undefined ? undefined : Number(values.calls);
    if (memoryCalls !== undefined && !(memoryCalls >= 1)) return undefined;
    return {
      suites: isNamed ? suites : NAMES.filter((name) => !isUnpinned(name)),
      options: { ...options, memoryCalls, isQuick },
      json: values.json,
    };
  } catch {
    return undefined;
  }
}

/**
 * Runs the whole command again on one core and returns its exit code; undefined if already pinned.
 */
function pin(): number | undefined {
  if (process.env.HEWN_BENCH_PINNED !== undefined) return undefined;
  const core = String(availableParallelism() - 1);
  const command = ['-c', core, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = { ...process.env, HEWN_BENCH_PINNED: core };
  const { error, status } = spawnSync('taskset', command, { env, stdio: 'inherit' });
  if (error === undefined) return status ?? 1;
  console.error('not pinned to a core: taskset is not installed');
  return undefined;
}
