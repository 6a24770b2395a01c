import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether `git add` would offer the file. False where git is not installed, or where there is no
 * repository.
 */
export function wouldBeTracked(file: string): boolean {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  // 0: ignored. 1: not ignored. 128: no repository.
  const checked = spawnSync('git', ['-C', folder, 'check-ignore', '--quiet', file]);
  return checked.status === 1;
}
