import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { ok, type Result, refuse } from '../result.ts';
import { HELLO } from './hello.ts';

const ANSWER_MILLISECONDS_MAX = 10_000;
const ANSWER_BYTES_MAX = 4_096;

/**
 * Joins the standard streams of a client with the socket of a run, until one of them ends. It reads
 * no message and holds no secret.
 */
export async function joinSocket(
  path: string,
  server: string,
  { input, output }: { readonly input: Readable; readonly output: Writable },
): Promise<Result<undefined, string>> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX) });
  } catch {
    socket.destroy();
    return refuse(`there is no run at ${path}: it has ended, or never began`);
  }
  const closed = once(socket, 'close').catch(() => undefined);
  socket.write(`${JSON.stringify({ hewn: HELLO, server })}\n`);
  const why = await readAnswer(socket);
  if (why !== undefined) {
    socket.destroy();
    return refuse(why);
  }
  input.pipe(socket);
  socket.pipe(output, { end: false });
  await closed;
  input.unpipe(socket);
  return ok(undefined);
}

/** Returns why the run does not serve this client; undefined if it does. */
async function readAnswer(
  socket: ReturnType<typeof createConnection>,
): Promise<string | undefined> {
  let read = '';
  const timer = setTimeout(() => socket.destroy(), ANSWER_MILLISECONDS_MAX);
  try {
    while (read.length < ANSWER_BYTES_MAX) {
      const byte: Buffer | null = socket.read(1);
      if (byte === null) {
        if (socket.readableEnded || socket.destroyed) break;
        await new Promise((resolve) => {
          socket.once('readable', resolve).once('close', resolve);
        });
        continue;
      }
      if (byte[0] !== 0x0a) {
        read += byte.toString('latin1');
        continue;
      }
      const { why } = JSON.parse(read) as { readonly why?: unknown };
      return why === undefined ? undefined : String(why);
    }
    return 'the run did not answer';
  } finally {
    clearTimeout(timer);
  }
}
