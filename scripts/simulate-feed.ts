/**
 * What the trust feed does at a size that nobody has at hand. See --help and
 * docs/explanation/scale.md.
 */
import { parseArgs } from 'node:util';
import { type FeedScale, report, scenarioTable, simulate, USUAL } from './feed-simulation/index.ts';

const ABOUT: Readonly<Record<keyof FeedScale, string>> = {
  workflows: 'workflows that begin in a day',
  stoppedShare: 'of them, how many are stopped before their tokens end',
  tokenSeconds: 'life of a token',
  verifiers: 'copies of the feed: isolates and processes',
  locations: 'data centres that they run in',
  requests: 'requests a second at one verifier, which polls after a response',
  pollMilliseconds: 'between two polls of one verifier',
  cacheMilliseconds: 'that a location hands out one head; 0: it asks each time',
  keepsDeltas: 'whether it keeps deltas and snapshots as well, 1 or 0',
  relays: 'objects between the locations and the log, each of which asks once for all',
  shards: 'logs over which workflows are split; every verifier follows all',
  socketShare: 'of the verifiers, how many hold a socket',
  synchronous: 'questions a second of one verifier that go to the log itself (tier 3)',
  starts: 'times a day that a verifier starts with nothing',
  confirmShare: 'of the verifiers, how many say how far they are',
  confirmSeconds: 'least time between two such confirmations of one verifier',
  roundTripMilliseconds: 'to the log and back',
  seconds: 'that are simulated, after ten that are not counted',
  seed: 'of all that is random',
};

const NAMES = Object.keys(ABOUT) as readonly (keyof FeedScale)[];
const flagOf = (name: string): string => name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

const WHOLE = ['workflows', 'verifiers', 'relays', 'seed'] as const;
const AT_LEAST_ONE = [
  'locations',
  'shards',
  'seconds',
  'pollMilliseconds',
  'tokenSeconds',
] as const;
const SHARES = ['stoppedShare', 'socketShare', 'confirmShare'] as const;

const HELP = `npm run simulate -- [options]

Simulates verifiers that follow the revocation log of a deployment, and prints how many entries
live, what the log is asked, how long a revocation takes to be a denial, what is full first, and what
it costs. The same options print the same numbers. docs/explanation/scale.md reads them.

${NAMES.map((name) => `  --${`${flagOf(name)} N`.padEnd(27)}${ABOUT[name]} (${USUAL[name]})`).join('\n')}
  --scenarios                  a table of the deployments of docs/explanation/scale.md, in a minute at most
  --json                       print JSON instead of tables
  --help                       this text

  npm run simulate -- --keeps-deltas 1 --confirm-seconds 60
  npm run simulate -- --socket-share 1 --locations 1 --json
`;

process.exitCode = main();

function main(): number {
  const asked = readArguments();
  if (asked === undefined) {
    console.error(HELP);
    return 2;
  }
  if (asked === 'help') {
    console.log(HELP);
    return 0;
  }
  if (asked === 'scenarios') {
    console.log(scenarioTable());
    return 0;
  }
  const simulated = simulate(asked.scale);
  console.log(asked.isJson ? JSON.stringify(simulated, null, 2) : report(simulated));
  return 0;
}

function readArguments(): { scale: FeedScale; isJson: boolean } | 'help' | 'scenarios' | undefined {
  const numbers: Record<string, { type: 'string' }> = {};
  for (const name of NAMES) numbers[flagOf(name)] = { type: 'string' };
  const flag = { type: 'boolean' } as const;
  const switches = { json: flag, help: flag, scenarios: flag };
  try {
    const { values } = parseArgs({ options: { ...numbers, ...switches } });
    if (values.help) return 'help';
    if (values.scenarios) return 'scenarios';
    const said = new Map(Object.entries(values));
    const given = NAMES.filter((name) => said.has(flagOf(name)));
    const scale: FeedScale = {
      ...USUAL,
      ...Object.fromEntries(given.map((name) => [name, Number(said.get(flagOf(name)))])),
    };
    return isUnderstood(scale) ? { scale, isJson: values.json === true } : undefined;
  } catch {
    return undefined;
  }
}

/** Bounded, so that no answer takes minutes: a hundred thousand verifiers, an hour. */
function isUnderstood(scale: FeedScale): boolean {
  return (
    NAMES.every((name) => Number.isFinite(scale[name]) && scale[name] >= 0) &&
    [...WHOLE, ...AT_LEAST_ONE].every((name) => Number.isSafeInteger(scale[name])) &&
    AT_LEAST_ONE.every((name) => scale[name] >= 1) &&
    (scale.keepsDeltas === 0 || scale.keepsDeltas === 1) &&
    SHARES.every((name) => scale[name] <= 1) &&
    scale.requests > 0 &&
    scale.verifiers * scale.seconds <= 10_000_000
  );
}
