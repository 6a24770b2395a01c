import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ARCHIVE = /\.(?:tar\.gz|tgz)$/;

/**
 * Runs `use` with a folder that becomes the archive `path`, or with `path` itself if it does not
 * name an archive. The folder is next to the archive: the temporary folder may be in memory.
 */
export async function writeArchive<T extends { readonly ok: boolean }>(
  path: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (!ARCHIVE.test(path)) return use(path);
  await mkdir(dirname(path), { recursive: true });
  const folder = await mkdtemp(join(dirname(path), '.hewn-backup-'));
  try {
    const used = await use(folder);
    if (used.ok) await tar('-czf', path, '-C', folder, '.');
    return used;
  } finally {
    await rm(folder, { recursive: true, force: true });
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
