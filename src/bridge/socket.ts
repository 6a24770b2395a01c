import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { RUN_PREFIX, removeAbandoned, SOCKET_NAME } from './abandoned.ts';
import { HELLO } from './hello.ts';
import { writeLine } from './lines.ts';
import { type OpenRelay, serveLines } from './serve-lines.ts';

const hello = v.strictObject({ hewn: v.literal(HELLO), server: v.string() });

const CLIENTS_MAX = 64; // At once: each server of an agent is one, or a few.
const HELLO_MILLISECONDS_MAX = 5_000;
const HELLO_BYTES_MAX = 1_024;

/** The socket of a run, through which its agent reaches the servers of the run and nothing else. */
export interface BridgeSocket {
  /** A folder that only its owner can open. It has the socket, and room for files of the run. */
  readonly folder: string;
  readonly path: string;
  /** Cuts every client off, and removes the folder. */
  readonly close: () => Promise<void>;
}

/**
 * Listens on a unix socket in a new folder of mode 0700. A client names one of `servers` in its
 * first line and then speaks MCP, one message in each line.
 */
export async function openBridgeSocket(
  servers: ReadonlyMap<string, OpenRelay>,
): Promise<BridgeSocket> {
  const folder = await makeFolder();
  const path = join(folder, SOCKET_NAME);
  const clients = new Set<Socket>();
  const server = createServer((socket) => {
    if (clients.size >= CLIENTS_MAX) {
      socket.destroy();
      return;
    }
    clients.add(socket);
    socket.once('close', () => clients.delete(socket)).on('error', () => socket.destroy());
    serveClient(socket, servers).finally(() => socket.destroy());
  });
  server.listen(path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  return {
    folder,
    path,
    close: async () => {
      await closeServer(server, clients);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Makes the folder where no one else can write, not even next to it: some agents read no file below
 * a folder such as /tmp. The path of a socket is short, so a long home is no place for it.
 */
async function makeFolder(): Promise<string> {
  const own = join(homedir(), '.hewn', 'run');
  for (const parent of [process.env.XDG_RUNTIME_DIR, own, tmpdir()]) {
    if (parent === undefined || parent.length > PARENT_CHARACTERS_MAX) continue;
    try {
      if (parent === own) await mkdir(own, { recursive: true, mode: 0o700 });
      await removeAbandoned(parent);
      const folder = await mkdtemp(join(parent, RUN_PREFIX));
      await chmod(folder, 0o700);
      return folder;
    } catch {
      // The next one.
    }
  }
  throw new Error('there is no folder for the socket of this run');
}

const PARENT_CHARACTERS_MAX = 80; // macOS takes 103 bytes for the whole path.

async function serveClient(socket: Socket, servers: ReadonlyMap<string, OpenRelay>): Promise<void> {
  const wanted = await readHello(socket);
  if (wanted === undefined) return;
  const open = servers.get(wanted);
  if (open === undefined) {
    const names = [...servers.keys()].join(', ');
    writeLine(socket, {
      hewn: HELLO,
      why: `this run has no server of that name. It has: ${names}`,
    });
    socket.end();
    return;
  }
  writeLine(socket, { hewn: HELLO });
  await serveLines(open, { input: socket, output: socket });
}

/** Reads the first line, and leaves what follows it in the socket. */
async function readHello(socket: Socket): Promise<string | undefined> {
  const timer = setTimeout(() => socket.destroy(), HELLO_MILLISECONDS_MAX);
  let read = Buffer.alloc(0);
  try {
    while (read.length <= HELLO_BYTES_MAX) {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) {
        if (socket.readableEnded || socket.destroyed) return undefined;
        await new Promise((resolve) => {
          socket.once('readable', resolve).once('close', resolve);
        });
        continue;
      }
      read = Buffer.concat([read, chunk]);
      const end = read.indexOf('\n');
      if (end < 0) continue;
      const rest = read.subarray(end + 1);
      if (rest.length > 0) socket.unshift(rest);
      const parsed = v.safeParse(hello, parse(read.subarray(0, end).toString('utf8')));
      return parsed.success ? parsed.output.server : undefined;
    }
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function closeServer(server: Server, clients: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of clients) socket.destroy();
  });
}
