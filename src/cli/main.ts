/** The `hewn` command of this process. */

import { buffer } from 'node:stream/consumers';
import { readClock } from '../clock.ts';
import { run } from './run.ts';
import { strict } from './source-file.ts';

/** Under an older Node, hewn.mjs started this process: without it, nobody waits for an answer. */
process.on('disconnect', () => process.exit(2));
process.channel?.unref();

/**
 * `hewn … | head` closes the pipe when it has read enough. What the command does goes on, and its
 * exit code says how it ended: only what it still prints is lost. An output that cannot be written
 * for another reason, such as a full disk, is no "no": it ends in 2, and in a line where one can be
 * had.
 */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream !== process.stderr) process.stderr.write(`hewn: ${error.message}\n`);
    process.exit(2);
  });
}

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  home: process.env.HEWN_HOME ?? process.cwd(),
  now: () => new Date(readClock()),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  outIsTerminal: process.stdout.isTTY === true,
  stdin: async () => strict(await buffer(process.stdin)),
  fetch,
  variable: (name) => process.env[name],
});
