/** Writes our own conformance vectors: `node scripts/make-vectors.ts`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { CASES } from '../test/conformance/cases/index.ts';
import { readSamples } from '../test/conformance/format.ts';
import { makeVector, samplesOf, type Vector } from '../test/conformance/make.ts';
import { openArena } from '../test/reference/index.ts';

const HELP = `usage: node scripts/make-vectors.ts

Mints and judges the cases of test/conformance/cases with the reference implementation
(@biscuit-auth/biscuit-wasm) and writes test/conformance/vectors: samples.json and one .bc
file for each case. The same cases give the same bytes.

  --help   this text
`;

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url).href);

const FOLDER = here('../test/conformance/vectors/');
const BIOME = here('../node_modules/.bin/biome');

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(HELP);
    return;
  }
  const arena = await openArena();
  const vectors: Vector[] = [];
  for (const vectorCase of CASES) vectors.push(await makeVector(arena.reference, vectorCase));
  arena.close();

  const text = `${JSON.stringify(samplesOf(vectors), undefined, 2)}\n`;
  const read = readSamples(text);
  if (!read.ok) throw new Error(`the vectors are malformed:\n${read.error.problems.join('\n')}`);
  mkdirSync(FOLDER, { recursive: true });
  for (const name of readdirSync(FOLDER)) rmSync(`${FOLDER}${name}`);
  writeFileSync(`${FOLDER}samples.json`, text);
  // In the project's format, so that the check of the format also passes over generated data.
  execFileSync(BIOME, ['format', '--write', `${FOLDER}samples.json`], { stdio: 'ignore' });
  for (const { sample, bytes } of vectors) writeFileSync(`${FOLDER}${sample.filename}`, bytes);
  const validations = vectors.flatMap(({ sample }) => Object.keys(sample.validations));
  process.stdout.write(`${vectors.length} cases, ${validations.length} validations\n`);
}

await main();
