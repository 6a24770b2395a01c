#!/usr/bin/env node
// Starts the command in a Node that runs TypeScript as it is: this one, or the one that the project
// brings along for those whose own is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * The other Node ends with this process: signals are handed on, and a channel tells it when this
 * process is gone without a word. Left alone it would go on and do what was called off.
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
      throw new Error(`Node ${process.version} runs no TypeScript. Run npm install first.`);
    }
    process.exitCode = await runIn(node);
  }
} catch (error) {
  console.error(`hewn: ${error.message}`);
  process.exitCode = 2;
}
