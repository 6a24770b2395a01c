import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { capabilityCases, REFERENCE } from './capability.ts';
import { type Measured, measure } from './rounds.ts';

const HELP = `npm run bench -- [options]

Measures verify, narrow and mint for tokens of 0, 2 and 5 caveat blocks next to jose's jwtVerify of an
EdDSA JWT, in one run, and prints medians of CPU time and ratios.

  --rounds N       counted rounds (default 15)
  --operations N   operations of each case in a round (default 100)
  --json           print JSON instead of a table
  --help           this text

  npm run bench
  npm run bench -- --rounds 5 --operations 20 --json
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    operations: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const [rounds, operationsPerRound] = [Number(values.rounds), Number(values.operations)];

if (values.help) {
  console.log(HELP);
} else if (!(rounds >= 1) || !(operationsPerRound >= 1)) {
  console.error(`--rounds and --operations are whole numbers from 1.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const results = await measure(await capabilityCases(), {
    ...{ rounds, operationsPerRound, reference: REFERENCE },
    progress: (round) => process.stderr.write(`\rround ${round} of ${rounds}`),
  });
  process.stderr.write('\r\x1b[K');
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    rounds,
    operationsPerRound,
  };
  console.log(values.json ? JSON.stringify({ machine, results }, null, 2) : table(results));
}

function table(results: readonly Measured[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const line = (name: string, ...cells: readonly string[]) =>
    `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [
    `Node ${process.version}, CPU time, medians of ${rounds} interleaved rounds`,
    line('', 'us', 'p10 us', 'x jwtVerify'),
    ...results.map(({ name, microseconds, microsecondsP10, ratio }) =>
      line(name, microseconds.toFixed(0), microsecondsP10.toFixed(0), ratio.toFixed(2)),
    ),
  ].join('\n');
}
