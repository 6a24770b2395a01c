#!/usr/bin/env node
/** Runs the `hewn` command in this process. */
import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { readClock } from '../clock.ts';
import { hideCredentials } from '../run/index.ts';
import { decodeStrictly } from '../source-file.ts';
import { run } from './run.ts';

/**
 * `hewn … | head` closes the pipe early. The command continues, and its exit code is valid; only
 * the rest of its output is lost. Any other failed write, such as on a full disk, exits with 2, and
 * with a line on standard error if that can be written.
 */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream !== process.stderr) process.stderr.write(`hewn: ${error.message}\n`);
    process.exit(2);
  });
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  home: process.env.HEWN_HOME ?? process.cwd(),
  now: () => new Date(readClock()),
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
  outIsTerminal: process.stdout.isTTY === true,
  stdin: async () => decodeStrictly(await buffer(process.stdin)),
  ...(process.stdin.isTTY === true && { confirm }),
  fetch,
  variable: (name) => process.env[name],
  hideCredentials,
});
