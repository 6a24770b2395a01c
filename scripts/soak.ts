/** The long version of the tests of faults. See --help. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { soakLog } from '../bench/logs/soak.ts';

const PARTS = {
  log: ['--project', 'workers', 'test/workers/issuer/log/model'],
  records: undefined,
  kill: ['--project', 'proof', 'test/e2e/storm'],
  weather: ['--project', 'proof', 'test/e2e/weather'],
} as const;
type Part = keyof typeof PARTS;

const HELP = `usage: npm run soak -- [PART ...] [--runs N] [--seed S] [--records N]
                     [--minutes M]

Runs the stories of the tests, many more of them, and prints each test as it ends.

  PART      log      random stories for the revocation log, and a crash at every step
            records  --records of them through one log to its archive: its storage stays flat
            kill     the runtime is killed in a storm of revocations, again and again
            weather  faults and delays between agent, gateway and issuer
            (default: all, one after the other)
  --runs N  stories, kills, and workflows of each kind of weather (default 100)
  --seed S  the seed of the run (default: the clock; it is printed)
  --records N  records of the part records (default 10000000)
  --minutes M  the part records stops after so long, and looks at what it has (default 240)
  --help    this text

Exit code 0: everything held; 1: something did not, and its seed is printed above.
`;

const isCount = (n: number): boolean => Number.isSafeInteger(n) && n > 0;
const isPart = (name: string): name is Part => Object.hasOwn(PARTS, name);

/** With a busy day's index, known ids and a round's rows. */
const LOG_BYTES_MAX = 8 * 1024 * 1024;

async function runRecords(records: number, minutes: number): Promise<boolean> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const wrong = await soakLog({ records, minutes, print }, LOG_BYTES_MAX);
  for (const one of wrong) print(one);
  return wrong.length === 0;
}

async function runPart(part: Part, runs: number, seed: number): Promise<boolean> {
  const tests = PARTS[part];
  if (!tests) return await runRecords(Number(values.records), Number(values.minutes));
  const manifest = createRequire(import.meta.url).resolve('vitest/package.json');
  const vitest = join(dirname(manifest), 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', '--reporter', 'verbose', ...tests], {
    stdio: 'inherit',
    env: {
      ...process.env,
      HEWN_SOAK_RUNS: String(runs),
      HEWN_SOAK_SEED: String(seed),
    },
  });
  return await new Promise((ended) => child.on('close', (code) => ended(code === 0)));
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '100' },
    records: { type: 'string', default: '10000000' },
    minutes: { type: 'string', default: '240' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    help: { type: 'boolean' },
  },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const parts = positionals.filter(isPart);
if (values.help) {
  process.stdout.write(HELP);
} else if (
  parts.length !== positionals.length ||
  !Number.isSafeInteger(seed) ||
  ![runs, Number(values.records), Number(values.minutes)].every(isCount)
) {
  process.stderr.write(HELP);
  process.exitCode = 1;
} else {
  for (const part of parts.length > 0 ? parts : (Object.keys(PARTS) as Part[])) {
    process.stdout.write(`${part}: ${runs} runs, seed ${seed}\n`);
    if (!(await runPart(part, runs, seed))) process.exitCode = 1;
  }
}
