/** Writes the vectors of the feed's formats, from fixed keys: every run writes the same bytes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { feedVectors } from './feed-vectors/index.ts';

const folder = fileURLToPath(new URL('../test/feed-vectors/', import.meta.url).href);
await mkdir(folder, { recursive: true });
await writeFile(`${folder}feed-v2.json`, `${JSON.stringify(await feedVectors(), undefined, 2)}\n`);
