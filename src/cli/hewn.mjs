#!/usr/bin/env node
// Starts the command in a Node that runs TypeScript as it is: this one, or the one that the project
// brings along for those whose own is older.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const main = new URL('./main.ts', import.meta.url);
if (process.features.typescript) {
  await import(main.href);
} else {
  const node = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
  if (existsSync(node)) {
    const args = [fileURLToPath(main), ...process.argv.slice(2)];
    process.exitCode = spawnSync(node, args, { stdio: 'inherit' }).status ?? 2;
  } else {
    console.error(`hewn: Node ${process.version} runs no TypeScript. Run npm install first.`);
    process.exitCode = 2;
  }
}
