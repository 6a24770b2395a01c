import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { isCode, replaceFile } from '../durable-file.ts';

/** What the last deployment from this folder put where. */
export interface DeployedState {
  /** By the name of the Worker. */
  readonly workers: Readonly<Record<string, DeployedWorker>>;
  /** The version that was in force at the end of it. */
  readonly version?: string;
}

export interface DeployedWorker {
  /** Of the code, the configuration and the secrets. */
  readonly fingerprint: string;
  readonly at: string;
}

const stateSchema = v.object({
  workers: v.record(v.string(), v.object({ fingerprint: v.string(), at: v.string() })),
  version: v.exactOptional(v.string()),
});

const NOTHING_DEPLOYED: DeployedState = { workers: {} };

/** Returns the path of the state of an environment. `folder` is that of `hewn.toml`. */
export const stateFile = (folder: string, environment: string): string =>
  join(folder, '.hewn', environment, 'deployed.json');

/**
 * Reads what was deployed. A file that is missing or damaged counts as nothing deployed: the next
 * deployment uploads every Worker again, which changes nothing.
 */
export async function readState(file: string): Promise<DeployedState> {
  try {
    const read = v.safeParse(stateSchema, JSON.parse(await readFile(file, 'utf8')));
    return read.success ? read.output : NOTHING_DEPLOYED;
  } catch (error) {
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError) return NOTHING_DEPLOYED;
    throw error;
  }
}

export const writeState = (file: string, state: DeployedState): Promise<void> =>
  replaceFile(file, `${JSON.stringify(state, null, 2)}\n`, 0o600);
