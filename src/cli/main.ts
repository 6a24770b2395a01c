#!/usr/bin/env node
/** Runs the `hewn` command in this process. */
import { createInterface } from 'node:readline/promises';
import { buffer } from 'node:stream/consumers';
import { readClock } from '../clock.ts';
import { hideCredentials } from '../run/index.ts';
import { decodeStrictly } from '../source-file.ts';
import { run } from './run.ts';
import { openBrowser } from './sign-in/open-browser.ts';
import { COLUMNS_DEFAULT, createProgress, isColoured } from './terminal/index.ts';

const outClosed = new AbortController();

/**
 * `hewn … | head` closes the pipe early. A command that only prints ends then; one that changes
 * something continues, and its exit code is valid. Any other failed write, such as on a full disk,
 * exits with 2, and with a line on standard error if that can be written.
 */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      if (stream === process.stdout) outClosed.abort();
      return;
    }
    if (stream !== process.stderr) process.stderr.write(`hewn: ${error.message}\n`);
    process.exit(2);
  });
}

const variable = (name: string): string | undefined => process.env[name];
const progress = createProgress(
  (text) => process.stderr.write(text),
  () => process.stderr.columns || COLUMNS_DEFAULT,
  readClock,
);

/** Removes the progress line before anything else is written. */
const writeTo = (stream: NodeJS.WriteStream) => (text: string) => {
  progress.clear();
  stream.write(`${text}\n`);
};

async function confirm(question: string): Promise<boolean> {
  progress.clear();
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(?:es)?$/i.test(answer.trim());
}

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  home: process.env.HEWN_HOME ?? process.cwd(),
  now: () => new Date(readClock()),
  out: writeTo(process.stdout),
  err: writeTo(process.stderr),
  outIsTerminal: process.stdout.isTTY === true,
  get columns() {
    return process.stdout.columns;
  },
  get rows() {
    return process.stdout.rows;
  },
  isColoured: isColoured(process.stdout.isTTY === true, variable),
  outClosed: outClosed.signal,
  ...(process.stderr.isTTY === true && { progress: progress.show }),
  stdin: async () => decodeStrictly(await buffer(process.stdin)),
  ...(process.stdin.isTTY === true && { confirm }),
  openBrowser: (url) => openBrowser(url, variable),
  fetch,
  variable,
  hideCredentials,
});
progress.clear();
