import { readFileSync } from 'node:fs';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isCode, replaceFile } from '../durable-file.ts';
import { ok, type Result, refuse } from '../result.ts';
import { devFolder } from './stage.ts';

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
    }),
  ),
});

/** What the file of a run says to other commands. Contains no secret. */
export type Running = v.InferOutput<typeof running>;

export interface RunLock {
  /** Tells other commands where everything is. */
  readonly announce: (run: Running['run']) => Promise<void>;
  readonly release: () => Promise<void>;
}

const lockFile = (home: string): string => join(devFolder(home), 'running.json');

/**
 * Two runs on one state folder would not see each other's revocations. A dead run is replaced.
 */
export async function lockRun(home: string): Promise<Result<RunLock, string>> {
  const file = lockFile(home);
  await mkdir(devFolder(home), { recursive: true, mode: 0o700 });
  const { pid } = process;
  for (let tries = 0; tries < 3; tries++) {
    if (await create(file, { pid })) {
      return ok({
        announce: (run) => replaceFile(file, textOf({ pid, run }), 0o600),
        release: () => rm(file, { force: true }),
      });
    }
    const other = await readRunning(home);
    if (other !== undefined) {
      return refuse(
        `hewn dev runs in this folder already (process ${other.pid}). Stop it first, or use another folder. If that process is something else, delete ${file}`,
      );
    }
    await rm(file, { force: true });
  }
  return refuse(`${file} is changed by another process`);
}

/** Creates the file whole, or not at all: a reader never sees half of it. */
async function create(file: string, contents: Running): Promise<boolean> {
  const draft = `${file}.${contents.pid}`;
  await writeFile(draft, textOf(contents), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

const textOf = (contents: Running): string => `${JSON.stringify(contents, null, 2)}\n`;

/** Returns the run of a folder, or undefined if none is alive. */
export async function readRunning(home: string): Promise<Running | undefined> {
  try {
    return parseRunning(await readFile(lockFile(home), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Returns the URL of the issuer that runs in a folder, if there is one. */
export function runningIssuer(home: string): string | undefined {
  try {
    return parseRunning(readFileSync(lockFile(home), 'utf8'))?.run?.issuer;
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
