import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** In the state folder: the generation that the logs need at least since a restore. */
const GENERATION_FILE = 'hewn.generation';

/** Notes that the logs of a state folder must not sign under an earlier generation of origins. */
export const demandGeneration = (stateFolder: string, generation: number): Promise<void> =>
  writeFile(join(stateFolder, GENERATION_FILE), `${generation}\n`);

/**
 * Returns why a server must not start on a state folder: it would sign a second history under the
 * origins of the first one. Undefined if it may.
 */
export async function generationFault(
  stateFolder: string,
  generation: number | undefined,
): Promise<string | undefined> {
  const text = await readFile(join(stateFolder, GENERATION_FILE), 'utf8').catch(() => '0');
  const needed = Number(text);
  if ((generation ?? 0) >= needed) return undefined;
  return `the restored logs would sign another history under their old names: set generation = ${needed} in [audit] of hewn.toml, then give verifiers and auditors the keys of hewn keys list`;
}
