#!/usr/bin/env node
// Starts the command in a Node that runs TypeScript: this one, or if it is too old, the one that
// the project installs.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * The other Node must end with this process, or it would finish a command that was cancelled.
 * Signals are forwarded, and the channel closes when this process is killed.
 */
async function runIn(node) {
  const args = [fileURLToPath(main), ...process.argv.slice(2)];
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (...end) => resolve(end));
  });
  return signal === null ? code : 128 + constants.signals[signal];
}

try {
  if (process.features.typescript) {
    await import(main.href);
  } else {
    const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
    if (!existsSync(node)) {
      throw new Error(`Node ${process.version} cannot run TypeScript. Run npm install first.`);
    }
    process.exitCode = await runIn(node);
  }
} catch (error) {
  console.error(`hewn: ${error.message}`);
  process.exitCode = 2;
}
