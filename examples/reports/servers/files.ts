/**
 * The published MCP filesystem server, over a fresh copy of the documents: what an agent writes
 * never reaches the originals.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const { HEWN_DEV_FOLDER = '.hewn/dev' } = process.env;
const root = join(HEWN_DEV_FOLDER, 'documents');
await rm(root, { recursive: true, force: true });
await cp(join(import.meta.dirname, '../documents'), root, { recursive: true });
await mkdir(join(root, 'summaries'));

const manifest = createRequire(import.meta.url).resolve(
  '@modelcontextprotocol/server-filesystem/package.json',
);
// In the folder that it serves, a relative path means the same to the agent and to the server.
const server = spawn(process.execPath, [join(dirname(manifest), 'dist/index.js'), '.'], {
  cwd: root,
  stdio: 'inherit',
});
server.on('close', (code) => process.exit(code ?? 1));
