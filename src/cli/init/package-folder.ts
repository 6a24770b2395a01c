import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

interface Manifest {
  readonly name: string;
  readonly version: string;
}

export interface OwnPackage {
  readonly folder: string;
  readonly version: string;
}

/** Finds the folder of this package, above the sources or above the built files. */
export function ownPackage(): OwnPackage {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
      if (name === 'hewn') return { folder, version };
    }
    if (dirname(folder) === folder) throw new Error('the package hewn has no package.json');
  }
}

/**
 * Returns what a new project depends on: this version, or the tarball, folder or checkout that this
 * command runs from, so that a version that is not published can be tried.
 */
export function specifierOf({ folder, version }: OwnPackage): string {
  const modules = dirname(folder);
  if (basename(modules) !== 'node_modules') return `file:${folder}`;
  const resolved = lockedAt(join(modules, '.package-lock.json'));
  if (!resolved?.startsWith('file:')) return `^${version}`;
  // npm writes the path relative to the project that has the lock file.
  return `file:${join(dirname(modules), resolved.slice('file:'.length))}`;
}

function lockedAt(file: string): string | undefined {
  try {
    const lock = JSON.parse(readFileSync(file, 'utf8')) as {
      packages?: Record<string, { resolved?: string }>;
    };
    return lock.packages?.['node_modules/hewn']?.resolved;
  } catch {
    return undefined;
  }
}
