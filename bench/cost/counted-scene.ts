import { join } from 'node:path';
import { type Scene, type SceneOptions, startScene } from '../mint/index.ts';
import { TALLIES_PATH } from './tallies-path.ts';
import type { Tallies } from './tally.ts';

/** Starts the issuer with objects that count. */
export const startCountedScene = (options: SceneOptions = {}): Promise<Scene> =>
  startScene({ ...options, issuerEntry: join(import.meta.dirname, 'issuer.worker.ts') });

/** Returns what was counted since the last reading. */
export async function readTallies({ issuer }: Pick<Scene, 'issuer'>): Promise<Tallies> {
  const response = await fetch(`${issuer}${TALLIES_PATH}`);
  if (!response.ok) throw new Error(`${TALLIES_PATH}: ${response.status}`);
  return (await response.json()) as Tallies;
}
