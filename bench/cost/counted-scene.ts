import { join } from 'node:path';
import { type Scene, type SceneOptions, startScene } from '../mint/index.ts';
import { OBJECTS_PATH, TALLIES_PATH, WAKE_PATH } from './paths.ts';
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

/** What to wake, once the clock was moved. */
export interface Wake {
  readonly seconds: number;
  readonly workflows?: readonly string[];
  readonly logs?: readonly string[];
  /** Whether the index of workflows reads the logs. */
  readonly index?: true;
}

/** Moves the clock of the issuer, and runs the alarms of these objects one after the other. */
export async function wake({ issuer }: Pick<Scene, 'issuer'>, what: Wake): Promise<void> {
  const query = new URLSearchParams([
    ['seconds', String(what.seconds)],
    ...(what.workflows ?? []).map((id) => ['workflow', id]),
    ...(what.logs ?? []).map((log) => ['log', log]),
    ...(what.index ? [['index', 'default']] : []),
  ]);
  await call(`${issuer}${WAKE_PATH}?${query}`);
}

/** Makes the objects of workflows. */
export async function makeObjects(
  { issuer }: Pick<Scene, 'issuer'>,
  workflows: readonly string[],
): Promise<void> {
  const query = new URLSearchParams(workflows.map((id) => ['workflow', id]));
  await call(`${issuer}${OBJECTS_PATH}?${query}`);
}

async function call(url: string): Promise<void> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
