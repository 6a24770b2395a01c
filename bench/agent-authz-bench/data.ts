/** The recorded suites: tools, user tasks, attacks, and what models did about them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export interface ToolCall {
  readonly function: string;
  readonly args: JsonObject;
}

export interface SuiteTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schemas by the name of the parameter. */
  readonly parameters: JsonObject;
  readonly required: readonly string[];
  /** Whether a call changes something. */
  readonly effectful: boolean;
}

export interface UserTask {
  readonly id: string;
  readonly prompt: string;
  readonly ground_truth: readonly ToolCall[];
  /** What the tools answered to the plan, call by call, without any text of an attacker. */
  readonly tool_outputs?: readonly (string | null)[];
  /** The first step of the plan whose answer can bring the attacker's text. */
  readonly first_injection_step?: number | null;
}

export interface EssentialCall {
  readonly function: string;
  /** Without these the attack fails. */
  readonly essential_args: JsonObject;
  /** The attacker may choose these. */
  readonly free_args: JsonObject;
}

export interface InjectionTask {
  readonly id: string;
  /** What the injected text asks for. The attacker knows every value in it. */
  readonly goal: string;
  readonly ground_truth: readonly ToolCall[];
  /** The calls without which the attack fails. Absent or empty: there is nothing to deny. */
  readonly minimal_attack?: readonly EssentialCall[];
}

export interface Suite {
  readonly tools: readonly SuiteTool[];
  readonly user_tasks: readonly UserTask[];
  readonly injection_tasks: readonly InjectionTask[];
}

/** What one model did about one task, alone or under an attack. */
export interface RecordedRun {
  readonly model: string;
  readonly suite: string;
  readonly user_task: string;
  readonly injection_task: string | null;
  readonly attack: string;
  /** Whether the task was solved. */
  readonly utility: boolean;
  readonly attack_succeeded: boolean | null;
  readonly calls: readonly ToolCall[];
  /** What the tools answered, call by call. Absent: only the answers to the plans are known. */
  readonly tool_outputs?: readonly (string | null)[];
}

export interface Recordings {
  readonly suites: Readonly<Record<string, Suite>>;
  readonly runs: readonly RecordedRun[];
}

export const SUITES_FILE = 'traces.json';
export const RUNS_FILE = 'recorded-runs.jsonl.gz';
/** The runs of a small suite, which a person can read. */
const PLAIN_RUNS_FILE = 'recorded-runs.jsonl';

/** The names of both files in a folder. */
export const filesOf = (folder: string): readonly [suites: string, runs: string] => [
  SUITES_FILE,
  existsSync(join(folder, PLAIN_RUNS_FILE)) ? PLAIN_RUNS_FILE : RUNS_FILE,
];

/** Whether a folder has both files. */
export const hasRecordings = (folder: string): boolean =>
  filesOf(folder).every((file) => existsSync(join(folder, file)));

/** Reads the suites and the runs of a folder. */
export function readRecordings(folder: string): Recordings {
  const [suitesFile, runsFile] = filesOf(folder);
  const { suites } = JSON.parse(readFileSync(join(folder, suitesFile), 'utf8')) as Recordings;
  const bytes = readFileSync(join(folder, runsFile));
  const lines = (runsFile === RUNS_FILE ? gunzipSync(bytes) : bytes).toString().split('\n');
  return { suites, runs: lines.flatMap((line) => (line ? [JSON.parse(line) as RecordedRun] : [])) };
}

/** The honest runs that solved their task. */
export const solvedRuns = ({ runs }: Recordings): readonly RecordedRun[] =>
  runs.filter(({ attack, utility }) => attack === 'none' && utility);

/** A user task and an attack on it. An attack without a call has nothing to deny. */
export interface AttackPair {
  readonly suite: string;
  readonly task: string;
  readonly attack: InjectionTask & { readonly minimal_attack: readonly EssentialCall[] };
}

export const attackPairs = ({ suites }: Recordings): readonly AttackPair[] =>
  Object.entries(suites).flatMap(([suite, { user_tasks: tasks, injection_tasks: attacks }]) =>
    tasks.flatMap(({ id: task }) =>
      attacks.flatMap((attack) => {
        const { minimal_attack: minimal = [] } = attack;
        return minimal.length === 0
          ? []
          : [{ suite, task, attack: { ...attack, minimal_attack: minimal } }];
      }),
    ),
  );
