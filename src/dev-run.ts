import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isCode } from './durable-file.ts';

/** How `hewn dev` says to other commands, and to agents on this machine, where it runs. */

const running = v.object({
  pid: v.number(),
  /** Present once everything runs. */
  run: v.optional(
    v.object({
      issuer: v.string(),
      tokenEndpoint: v.string(),
      audiences: v.array(v.string()),
      gateway: v.optional(v.string()),
      /** Absent in a file that release 0.3.0 wrote. */
      gateways: v.optional(v.array(v.object({ url: v.string(), servers: v.array(v.string()) }))),
      /** The names in `[dev.users]` and `[dev.agents]`, in their order. */
      users: v.optional(v.array(v.string())),
      agents: v.optional(v.array(v.string())),
    }),
  ),
});

/** What the file of a run says to other commands. Contains no secret. */
export type Running = v.InferOutput<typeof running>;

/** Where a run keeps what it writes. */
export const devFolder = (home: string): string => join(home, '.hewn', 'dev');

export const runningFile = (home: string): string => join(devFolder(home), 'running.json');

/** Returns the run of a folder, or undefined if none is alive. */
export async function readRunning(home: string): Promise<Running | undefined> {
  try {
    return parseRunning(await readFile(runningFile(home), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Returns the URL of the issuer that runs in a folder, if there is one. */
export function runningIssuer(home: string): string | undefined {
  try {
    return parseRunning(readFileSync(runningFile(home), 'utf8'))?.run?.issuer;
  } catch {
    return undefined;
  }
}

function parseRunning(text: string): Running | undefined {
  const read = v.safeParse(running, JSON.parse(text));
  return read.success && isAlive(read.output.pid) ? read.output : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM'); // It exists, and belongs to someone else.
  }
}
