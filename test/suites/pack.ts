/** Reads the data of the suites from their folders. Node only: the test configuration calls it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64Url } from '../../src/encoding.ts';
import { OFFICIAL_FOLDER, VECTORS_FOLDER } from '../conformance/folder.ts';
import type { PackedSet, SuiteData } from './data.ts';

function packFolder(folder: string): PackedSet {
  const tokens = readdirSync(folder).filter((file) => file.endsWith('.bc'));
  return {
    samples: readFileSync(join(folder, 'samples.json'), 'utf8'),
    files: Object.fromEntries(
      tokens.map((file) => [file, toBase64Url(readFileSync(join(folder, file)))]),
    ),
  };
}

export const packSuiteData = (): SuiteData => ({
  official: existsSync(join(OFFICIAL_FOLDER, 'samples.json')) ? packFolder(OFFICIAL_FOLDER) : null,
  vectors: packFolder(VECTORS_FOLDER),
});
