import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a server that speaks MCP over its standard streams is started. */
export interface ServerCommand {
  readonly name: string;
  readonly command: readonly string[];
  /** An absolute path. */
  readonly cwd: string;
  /** Where the server may keep files: its variable `HEWN_DEV_FOLDER`. */
  readonly stateFolder: string;
  /** Variables in addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON-RPC response without its id. */
export type Reply = { readonly result: JsonObject } | { readonly error: JsonObject };

/** A running server behind its standard streams. */
export interface Child {
  /** Its answer to `initialize`. */
  readonly hello: JsonObject;
  readonly request: (method: string, params?: unknown) => Promise<Reply>;
  readonly hasEnded: () => boolean;
  readonly close: () => Promise<void>;
}

/** The newest revision of MCP with a handshake, which every stdio server speaks. */
const PROTOCOL_VERSION = '2025-11-25';
const START_MILLISECONDS_MAX = 60_000; // `npx` may download the server first.
const REQUEST_MILLISECONDS_MAX = 120_000;
const STOP_MILLISECONDS_MAX = 2_000;
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;
const STDERR_CHARACTERS_MAX = 2_000;

const failure = (message: string): Reply => ({ error: { code: -32_603, message } });

/** Starts the server and shakes hands with it. Rejects with what a person should read. */
export async function startChild(server: ServerCommand): Promise<Child> {
  const process = spawnServer(server);
  const connection = connect(server, process);
  const greeted = connection.request('initialize', {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'hewn-dev', version: '1' },
  });
  const reply = await Promise.race([
    greeted,
    sleep(START_MILLISECONDS_MAX, undefined, { ref: false }),
  ]);
  if (reply === undefined || !('result' in reply)) {
    await connection.close();
    const why = reply === undefined ? 'it does not answer' : String(reply.error.message);
    throw new Error(`the MCP server "${server.name}" (${server.command.join(' ')}) failed: ${why}`);
  }
  connection.notify('notifications/initialized');
  return { ...connection, hello: reply.result };
}

function spawnServer({
  command,
  cwd,
  stateFolder,
  env,
}: ServerCommand): ChildProcessWithoutNullStreams {
  const [program = '', ...args] = command;
  // The credentials of Hewn are not for the server.
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('HEWN_'));
  // `node` is the one that runs Hewn, whatever the system has under that name.
  return spawn(program === 'node' ? process.execPath : program, args, {
    cwd,
    env: { ...Object.fromEntries(environment), ...env, HEWN_DEV_FOLDER: stateFolder },
    stdio: ['pipe', 'pipe', 'pipe'],
    // In a group of its own: Ctrl-C reaches Hewn alone, which closes everything in order.
    detached: true,
  });
}

interface Connection extends Omit<Child, 'hello'> {
  readonly notify: (method: string) => void;
}

function connect(server: ServerCommand, child: ChildProcessWithoutNullStreams): Connection {
  const waiting = new Map<number, (reply: Reply) => void>();
  let nextId = 1;
  let ended: string | undefined;
  let stderr = '';
  const end = (why: string): void => {
    ended ??= why;
    for (const settle of waiting.values()) settle(failure(ended));
    waiting.clear();
  };
  child.once('error', (error) => end(error.message));
  child.once('close', (code, signal) => {
    const said = lastWords(stderr);
    end(`it ended with ${signal ?? `code ${code}`}${said === '' ? '' : `: ${said}`}`);
  });
  child.stdin.on('error', () => {}); // The same as its end, which is reported above.
  child.stderr.on('data', (chunk) => {
    stderr = `${stderr}${chunk}`.slice(-STDERR_CHARACTERS_MAX);
  });
  const write = (message: object): void => {
    child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = line.length > LINE_CHARACTERS_MAX ? undefined : parse(line);
    if (message === undefined) return;
    const { id, method, result, error } = message;
    if (typeof method === 'string') {
      // The server asks its client something: there is none that could answer.
      if (id !== undefined) write({ id, error: { code: -32_601, message: 'not supported' } });
      return;
    }
    const settle = waiting.get(Number(id));
    waiting.delete(Number(id));
    settle?.(isObject(result) ? { result } : { error: isObject(error) ? error : {} });
  });
  return {
    hasEnded: () => ended !== undefined,
    notify: (method) => write({ method }),
    request: (method, params) =>
      new Promise((resolve) => {
        if (ended !== undefined) return resolve(failure(`${server.name}: ${ended}`));
        const id = nextId++;
        const timer = setTimeout(() => {
          waiting.delete(id);
          resolve(failure(`${server.name} did not answer in time`));
        }, REQUEST_MILLISECONDS_MAX);
        waiting.set(id, (reply) => {
          clearTimeout(timer);
          resolve(reply);
        });
        write({ id, method, ...(params !== undefined && { params }) });
      }),
    close: () => stop(child),
  };
}

/**
 * Returns the line of a log that says why a program ended: the last one that names an error, or
 * else the last one. A crash of Node ends with its stack and its version, and npm with its log.
 */
function lastWords(stderr: string): string {
  const lines = stderr.trim().split('\n');
  const npm = lines.find((line) => /^npm error (?!code )/.test(line));
  if (npm !== undefined) return npm;
  const named = lines.findLast((line) => /^(?:\w*Error\b|\w+: error\b|error:)/i.test(line));
  return named ?? lines.at(-1) ?? '';
}

/** Closes its input, which ends a well-behaved server, and ends its whole group otherwise. */
async function stop(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  const signal = (name: 'SIGTERM' | 'SIGKILL') => {
    try {
      process.kill(-(child.pid ?? 0), name);
    } catch {
      // It has ended in the meantime.
    }
  };
  child.stdin.end();
  signal('SIGTERM');
  const timer = setTimeout(() => signal('SIGKILL'), STOP_MILLISECONDS_MAX);
  await closed;
  clearTimeout(timer);
}

function parse(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined; // Some servers greet people on their standard output.
  }
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
