/**
 * Reads a folder in the official format: `samples.json`, and the tokens that it names. Node only.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ok, type Result, refuse } from '../../src/result.ts';
import { type FormatProblem, readSamples } from './format.ts';
import type { SampleSet } from './runner.ts';

export type FolderProblem =
  | FormatProblem
  | { readonly code: 'samples_missing'; readonly folder: string }
  /** Tokens without a case would look as if they had been checked. */
  | { readonly code: 'tokens_unnamed'; readonly files: readonly string[] };

export function readFolder(folder: string): Result<SampleSet, FolderProblem> {
  const index = join(folder, 'samples.json');
  if (!existsSync(index)) return refuse({ code: 'samples_missing', folder });
  const samples = readSamples(readFileSync(index, 'utf8'));
  if (!samples.ok) return samples;
  const named = new Set(samples.value.testcases.map(({ filename }) => filename));
  const present = readdirSync(folder).filter((file) => file.endsWith('.bc'));
  const unnamed = present.filter((file) => !named.has(file));
  if (unnamed.length > 0) return refuse({ code: 'tokens_unnamed', files: unnamed });
  const files = new Map(
    present.map((file) => [file, new Uint8Array(readFileSync(join(folder, file)))] as const),
  );
  return ok({ samples: samples.value, files });
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url).href);

/** The official data, in a folder next to this repository. */
export const OFFICIAL_FOLDER = here('../../../shared/biscuit-spec/samples/');

export const OFFICIAL_SOURCE = 'samples/ of github.com/eclipse-biscuit/biscuit';

export const VECTORS_FOLDER = here('./vectors/');
