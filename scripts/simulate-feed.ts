/**
 * Simulates the trust feed at a size that no test machine has. See --help and
 * docs/explanation/scale.md.
 */
import { parseArgs } from 'node:util';
import { type FeedScale, report, scenarioTable, simulate, USUAL } from './feed-simulation/index.ts';

const ABOUT: Readonly<Record<keyof FeedScale, string>> = {
  workflows: 'workflows that begin per day',
  stoppedShare: 'share of them that is stopped before their tokens end',
  tokenSeconds: 'life of a token',
  verifiers: 'copies of the feed: isolates and processes',
  locations: 'data centres that they run in',
  requests: 'requests per second at one verifier, which polls after a response',
  pollMilliseconds: 'between two polls of one verifier',
  cacheMilliseconds: 'how long a location serves a cached head; 0: it always asks the log',
  keepsDeltas: 'whether a location caches deltas and snapshots as well, 1 or 0',
  relays: 'objects between the locations and the log, each of which asks once for all',
  shards: 'logs over which workflows are split; every verifier follows all',
  socketShare: 'share of the verifiers that hold a socket',
  synchronous: 'questions per second from one verifier to the log itself (tier 3)',
  starts: 'times per day that a verifier starts with an empty replica',
  confirmShare: 'share of the verifiers that report their position',
  confirmSeconds: 'minimum time between two such confirmations of one verifier',
  roundTripMilliseconds: 'to the log and back',
  seconds: 'simulated time, after ten seconds that are not counted',
  seed: 'seed of everything random',
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
Simulates verifiers that follow the revocation log of a deployment. Prints the number of live
entries, the load on the log, how long a revocation takes to become a denial, the first bottleneck,
and the cost. The same options print the same numbers. docs/explanation/scale.md explains them.
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
    const byFlag = new Map(Object.entries(values));
    const given = NAMES.filter((name) => byFlag.has(flagOf(name)));
    const scale: FeedScale = {
      ...USUAL,
      ...Object.fromEntries(given.map((name) => [name, Number(byFlag.get(flagOf(name)))])),
    };
    return isValid(scale) ? { scale, isJson: values.json === true } : undefined;
  } catch {
    return undefined;
  }
}

/** Checks the options, and limits them so that no run takes minutes. */
function isValid(scale: FeedScale): boolean {
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
