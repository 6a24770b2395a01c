import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether a file at this place would be offered to git with the next `git add`. Where there is no
 * git, or no repository around it, it would not.
 */
export function wouldBeTracked(file: string): boolean {
  let folder = dirname(file);
  while (!existsSync(folder)) folder = dirname(folder);
  // 0: ignored. 1: not ignored. 128: no repository.
  const asked = spawnSync('git', ['-C', folder, 'check-ignore', '--quiet', file]);
  return asked.status === 1;
}
