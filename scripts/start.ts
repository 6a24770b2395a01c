/** `npm start`: starts the whole system on this machine and runs the walk-through. */
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { loadLocalKeys } from './local/keys.ts';
import { PortInUse } from './local/loopback.ts';
import { readPorts } from './local/ports.ts';
import type { WorkerLine } from './local/runtime.ts';
import type { LocalStage } from './local/stage.ts';
import { createTranscript, walkThrough, wantsColours } from './walk-through/index.ts';

const HELP = `Runs Hewn on this machine: the Workers on workerd, an OpenID provider and an MCP server.
  npm start              start everything, run the walk-through, stay up until Ctrl-C
  npm start -- --exit    exit after the walk-through: 0, or 1 if a step did not go as expected
  npm start -- --help    this text
Listens on 127.0.0.1 only: HEWN_GATEWAY_PORT (8787), HEWN_ISSUER_PORT (8788), HEWN_IDP_PORT (9400),
HEWN_MCP_PORT (9500). The first run generates keys for local use in .hewn/local.json. State is kept
in .wrangler/state. HEWN_HOME is the folder of both (default: the project).
`;

const PROJECT = resolve(import.meta.dirname, '..');
const HOME = resolve(process.env.HEWN_HOME ?? PROJECT);
const LOCAL_FOLDER = join(HOME, '.hewn');
const STATE_FOLDER = join(HOME, '.wrangler/state');
const LOG_FILE = join(LOCAL_FOLDER, 'workers.log');

const PARENT_POLL_MS = 500;

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
  const stop = stopSignal();
  const started = performance.now();
  const stage = await open();
  if (stage === undefined) return 1;
  try {
    print(`up after ${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    const failed = await Promise.race([runWalkThrough(stage, stop), aborted(stop)]);
    if (stop.aborted) return 0;
    if (options.exit) return failed === 0 ? 0 : 1;
    printWhereabouts(stage);
    await aborted(stop);
    return 0;
  } finally {
    await stage.close();
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

/**
 * The first Ctrl-C (or SIGTERM) closes everything in order; a second one ends the process at once.
 *
 * The listeners stay. Without one, the runtime's own signal handler would end the process before
 * anything is closed.
 */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const onSignal = () => {
    if (stop.signal.aborted) process.exit(130);
    print('\nclosing\n');
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  // npm sends a SIGTERM to the shell between us, which exits without passing it on.
  const parent = process.ppid;
  const orphaned = () => process.ppid !== parent && !stop.signal.aborted;
  if (process.env.npm_lifecycle_event === 'start') {
    setInterval(() => orphaned() && onSignal(), PARENT_POLL_MS).unref();
  }
  return stop.signal;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined));
  });
}

/** Returns undefined after it has printed what the person has to do first. */
async function open(): Promise<LocalStage | undefined> {
  const ports = readPorts(process.env);
  const loaded = ports.ok ? await loadLocalKeys(LOCAL_FOLDER) : ports;
  if (!ports.ok || !loaded.ok) {
    if (!loaded.ok) printError(loaded.error.message);
    return undefined;
  }
  const { keys, generated, file } = loaded.value;
  if (generated) print(`generated keys for local use: ${relative(PROJECT, file)}\n`);
  print('starting the identity provider, the MCP server and the Workers ... ');
  try {
    // Wrangler takes a second to load. The mistakes above need not wait for it.
    const { openStage } = await import('./local/stage.ts');
    return await openStage({
      keys,
      ports: ports.value,
      localFolder: LOCAL_FOLDER,
      stateFolder: STATE_FOLDER,
      onLine: await openLog(),
    });
  } catch (error) {
    print('\n');
    printError(error instanceof PortInUse ? error.message : String((error as Error).stack));
    return undefined;
  }
}

/** The Workers log to a file, so that the walk-through stays readable. */
async function openLog(): Promise<(line: WorkerLine) => void> {
  await mkdir(LOCAL_FOLDER, { recursive: true });
  const file = createWriteStream(LOG_FILE);
  return ({ level, message }) => file.write(`${level} ${message}\n`);
}

/**
 * Returns how many steps failed. A walk-through that breaks off counts as one. Silent once stopped.
 */
async function runWalkThrough(stage: LocalStage, stop: AbortSignal): Promise<number> {
  const write = (text: string) => {
    if (!stop.aborted) print(text);
  };
  const transcript = createTranscript(write, {
    colours: wantsColours(process.stdout, process.env),
  });
  try {
    if (!stop.aborted) await walkThrough(stage, transcript);
  } catch (error) {
    transcript.check(false, '', `the walk-through broke off: ${(error as Error).stack}`);
  }
  const { steps, failed } = transcript.count();
  const outcome = failed === 0 ? `all ${steps} steps passed` : `${failed} of ${steps} steps FAILED`;
  write(`\n${outcome}\n`);
  return failed;
}

function printWhereabouts(stage: LocalStage): void {
  const keysFile = relative(PROJECT, join(LOCAL_FOLDER, 'local.json'));
  print(`
gateway            ${stage.gatewayUrl}   MCP: ${stage.mcpUrl}
issuer             ${stage.issuerUrl}   ${stage.issuerUrl}/.well-known/oauth-authorization-server
identity provider  ${stage.identity.issuer}
documents          ${relative(PROJECT, stage.documents.root)}
operator           the credential is "operator" in ${keysFile}:
                   operator=$(node -p 'require("./${keysFile}").operator')
                   curl -H "authorization: Bearer $operator" ${stage.issuerUrl}/admin/v1/audit
log of the Workers ${relative(PROJECT, LOG_FILE)}

Ctrl-C ends it all.
`);
}
