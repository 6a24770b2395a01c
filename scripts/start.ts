/** `npm start`: hewn dev on examples/reports, and the walk-through. */
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { aborted, loadFolder, stopSignal, whereabouts } from '../src/cli/index.ts';
import { type Dev, lineOfRecord, startDev } from '../src/dev/index.ts';
import { createTranscript, sceneOf, walkThrough, wantsColours } from './walk-through/index.ts';

const HELP = `Runs hewn dev on examples/reports, and an agent that uses it.
  npm start              start everything, run the walk-through, stay up until Ctrl-C
  npm start -- --exit    exit after the walk-through: 0, or 1 if a step did not go as expected
  npm start -- --help    this text
Listens on 127.0.0.1 only: HEWN_GATEWAY_PORT (8787), HEWN_ISSUER_PORT (8788), HEWN_IDP_PORT (9400),
HEWN_MCP_PORT (9500). The first run generates keys for local use. They and the state are kept in
.hewn/dev of the folder HEWN_HOME (default: the project).
`;

const PROJECT = resolve(import.meta.dirname, '..');
const FOLDER = join(PROJECT, 'examples/reports');
const HOME = resolve(process.env.HEWN_HOME ?? PROJECT);

const print = (text: string) => process.stdout.write(text);
const printError = (text: string) => process.stderr.write(`${text}\n`);

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    printError(HELP);
    return 2;
  }
  if (options.help) {
    print(HELP);
    return 0;
  }
  const stop = stopSignal(() => print('\nclosing\n'));
  const started = performance.now();
  print('starting the identity provider, the MCP servers and the Workers ... ');
  let isQuiet = true; // The walk-through prints its own steps.
  const dev = await startDev({
    folder: FOLDER,
    home: HOME,
    load: () => loadFolder(process.cwd(), relative(process.cwd(), FOLDER)),
    variable: (name) => process.env[name],
    say: (line) => print(`${line}\n`),
    onRecord: (record) => {
      const line = isQuiet ? undefined : lineOfRecord(record);
      if (line !== undefined) print(`${line}\n`);
    },
  });
  if (!dev.ok) {
    print('\n');
    printError(dev.error);
    return 1;
  }
  const { areKeysNew, close } = dev.value;
  try {
    print(`up after ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    const keysFolder = relative(PROJECT, join(HOME, '.hewn/dev'));
    if (areKeysNew) print(`generated keys for local use in ${keysFolder}\n`);
    const ended = await Promise.race([runWalkThrough(dev.value, stop), aborted(stop)]);
    if (stop.aborted) return 0;
    if (options.exit) return ended?.failed === 0 ? 0 : 1;
    print(`\n${whereabouts(dev.value, PROJECT).join('\n')}\n`);
    if (ended?.workflow !== undefined) {
      const { issuer } = dev.value.stage();
      print(`\nThis workflow in the console: ${issuer}/console/#/w/${ended.workflow}\n`);
    }
    print('\nCtrl-C ends it all.\n');
    isQuiet = false;
    await aborted(stop);
    return 0;
  } finally {
    await close();
  }
}

function readOptions(): { readonly exit: boolean; readonly help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      options: { exit: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { exit: values.exit === true, help: values.help === true };
  } catch {
    return undefined;
  }
}

interface Walked {
  readonly failed: number;
  readonly workflow?: string | undefined;
}

/**
 * Returns how many steps failed. A walk-through that breaks off counts as one. Silent once stopped.
 */
async function runWalkThrough(dev: Dev, stop: AbortSignal): Promise<Walked> {
  const write = (text: string) => {
    if (!stop.aborted) print(text);
  };
  const transcript = createTranscript(write, {
    colours: wantsColours(process.stdout, process.env),
  });
  let workflow: string | undefined;
  try {
    if (!stop.aborted) workflow = await walkThrough(sceneOf(dev), transcript);
  } catch (error) {
    transcript.check(false, '', `the walk-through broke off: ${(error as Error).stack}`);
  }
  const { steps, failed } = transcript.count();
  const outcome = failed === 0 ? `all ${steps} steps passed` : `${failed} of ${steps} steps FAILED`;
  write(`\n${outcome}\n`);
  return { failed, workflow };
}
