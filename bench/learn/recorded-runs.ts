/** Reads recorded runs of AgentDojo from the folder next to the repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { JsonObject } from '../../src/canonical-json.ts';

/** The data is not part of the repository. */
export const RUNS_FOLDER = fileURLToPath(
  new URL('../../../shared/agentdojo/', import.meta.url).href,
);

export interface RecordedCall {
  readonly function: string;
  readonly args: JsonObject;
}

/** What one model did about one task, alone or under an attack. */
export interface RecordedRun {
  readonly model: string;
  readonly suite: string;
  readonly user_task: string;
  readonly injection_task: string | null;
  readonly attack: string;
  readonly utility: boolean;
  readonly attack_succeeded: boolean | null;
  readonly calls: readonly RecordedCall[];
}

export interface SuiteTool {
  readonly name: string;
  readonly parameters: JsonObject;
  readonly effectful: boolean;
}

interface EssentialCall {
  readonly function: string;
  /** Without these the attack fails. */
  readonly essential_args: JsonObject;
  /** The attacker may choose these. */
  readonly free_args: JsonObject;
}

export interface Suite {
  readonly tools: readonly SuiteTool[];
  readonly user_tasks: readonly { readonly id: string; readonly prompt: string }[];
  readonly injection_tasks: readonly {
    readonly id: string;
    readonly minimal_attack?: readonly EssentialCall[];
  }[];
}

export interface Recordings {
  readonly suites: Readonly<Record<string, Suite>>;
  readonly runs: readonly RecordedRun[];
}

export const hasRecordings = (): boolean => existsSync(join(RUNS_FOLDER, 'traces.json'));

export function readRecordings(): Recordings {
  const { suites } = JSON.parse(
    readFileSync(join(RUNS_FOLDER, 'traces.json'), 'utf8'),
  ) as Recordings;
  const lines = gunzipSync(readFileSync(join(RUNS_FOLDER, 'recorded-runs.jsonl.gz'))).toString();
  const runs = lines.split('\n').flatMap((line) => (line ? [JSON.parse(line) as RecordedRun] : []));
  return { suites, runs };
}
