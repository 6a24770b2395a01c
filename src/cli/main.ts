/** The `hewn` command of this process. */
import { text } from 'node:stream/consumers';
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  home: process.env.HEWN_HOME ?? process.cwd(),
  now: () => new Date(),
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  outIsTerminal: process.stdout.isTTY === true,
  stdin: () => text(process.stdin),
  fetch,
  variable: (name) => process.env[name],
});
