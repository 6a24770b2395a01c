/** Writes the vectors of hand-offs. Each run makes other keys and tokens. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { makeHopVectors } from '../test/conformance/hops/make.ts';
import { HOP_VECTORS_FILE } from '../test/conformance/hops/vector.ts';

const BIOME = fileURLToPath(new URL('../node_modules/.bin/biome', import.meta.url).href);

const vectors = await makeHopVectors();
writeFileSync(HOP_VECTORS_FILE, `${JSON.stringify(vectors, undefined, 2)}\n`);
// In the project's format, so that the check of the format also passes over generated data.
execFileSync(BIOME, ['format', '--write', HOP_VECTORS_FILE], { stdio: 'ignore' });
process.stdout.write(`${vectors.vectors.length} vectors\n`);
