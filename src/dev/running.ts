import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { devFolder, type Running, readRunning, runningFile } from '../dev-run.ts';
import { isCode, replaceFile } from '../durable-file.ts';
import { ok, type Result, refuse } from '../result.ts';

export interface RunLock {
  /** Tells other commands where everything is. */
  readonly announce: (run: Running['run']) => Promise<void>;
  readonly release: () => Promise<void>;
}

/**
 * Two runs on one state folder would not see each other's revocations. A dead run is replaced.
 */
export async function lockRun(home: string): Promise<Result<RunLock, string>> {
  const file = runningFile(home);
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
