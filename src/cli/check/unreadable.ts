import type { FileFault } from '../../deployment/index.ts';

/** The line begins with the file, so a reason that begins with it drops it. */
export const unreadable = (file: string, why: string): FileFault => ({
  file,
  found: why.startsWith(`${file} `) ? why.slice(file.length + 1) : why,
});
