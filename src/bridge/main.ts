#!/usr/bin/env node
/**
 * The command that an agent of a run starts for each server: `main.js SOCKET SERVER`. It loads
 * almost nothing, because some agents do not wait for a server.
 */
import { joinSocket } from './join-socket.ts';

const [path = '', server = ''] = process.argv.slice(2);
const joined = await joinSocket(path, server, { input: process.stdin, output: process.stdout });
if (!joined.ok) process.stderr.write(`hewn bridge: ${joined.error}\n`);
process.exit(joined.ok ? 0 : 2);
