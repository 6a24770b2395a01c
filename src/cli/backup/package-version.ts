import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Returns the version of this package, from the nearest `package.json` that is its own. */
export function packageVersion(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      if (manifest.name === 'hewn') return String(manifest.version);
    } catch {
      // Most folders have no such file.
    }
    if (dirname(folder) === folder) return 'unknown';
  }
}
