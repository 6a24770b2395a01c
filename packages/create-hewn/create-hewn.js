#!/usr/bin/env node
/** `npm create hewn [DIR] -- [--template api]` is `hewn init` with the same arguments. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Beside every door of the package is its command.
const door = import.meta.resolve('hewn/agent');
const command = fileURLToPath(new URL('../cli/main.js', door));
const child = spawn(process.execPath, [command, 'init', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
child.on('close', (code) => {
  process.exitCode = code ?? 2;
});
