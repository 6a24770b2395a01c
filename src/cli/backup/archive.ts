import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isCode } from '../../durable-file.ts';
import { type Result, refuse } from '../../result.ts';

const ARCHIVE = /\.(?:tar\.gz|tgz)$/;

/**
 * Runs `use` with a folder that becomes the archive `path`, or with `path` itself if it does not
 * name an archive. The folder is next to the archive: the temporary folder may be in memory. Only
 * its owner can read the archive. A file that exists is never replaced.
 */
export async function writeArchive<T>(
  path: string,
  use: (folder: string) => Promise<Result<T, string>>,
): Promise<Result<T, string>> {
  if (!ARCHIVE.test(path)) return use(path);
  await mkdir(dirname(path), { recursive: true });
  const isCreated = await createEmpty(path);
  if (!isCreated) return refuse(`${path} exists already`);
  let isComplete = false;
  const folder = await mkdtemp(join(dirname(path), '.hewn-backup-'));
  try {
    const used = await use(folder);
    if (!used.ok) return used;
    // tar keeps the mode of the file that it writes to.
    await tar('-czf', path, '-C', folder, '.');
    isComplete = true;
    return used;
  } finally {
    await rm(folder, { recursive: true, force: true });
    if (!isComplete) await rm(path, { force: true });
  }
}

async function createEmpty(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx', 0o600)).close();
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Runs `use` with the folder that an archive contains, or with `path` itself. */
export async function readArchive<T>(
  path: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (!ARCHIVE.test(path)) return use(path);
  const folder = await mkdtemp(join(dirname(path), '.hewn-restore-'));
  try {
    await tar('-xzf', path, '-C', folder, '--no-same-owner');
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const tar = (...args: readonly string[]): Promise<unknown> => promisify(execFile)('tar', args);
