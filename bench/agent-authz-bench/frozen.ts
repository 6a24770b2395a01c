/** Data that results are comparable on, by the SHA-256 of its files. It is not in the package. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  attackPairs,
  filesOf,
  RUNS_FILE,
  readRecordings,
  SUITES_FILE,
  solvedRuns,
} from './data.ts';

export interface FrozenData {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
}

export const FROZEN: readonly FrozenData[] = [
  {
    name: 'AgentDojo v1.2.2: banking, travel',
    files: {
      [SUITES_FILE]: 'bb8bc554e226a5ab85bc56af77c07fc317cd89aaedd3e441e97b39ed02b9db47',
      [RUNS_FILE]: '05f923931162c07389536b63b05f7333566f1487783279375e6abaec4c228d41',
    },
  },
];

export interface DataCheck {
  /** The frozen data that the folder is. Absent for any other data. */
  readonly frozen?: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly suites: readonly string[];
  readonly tasks: number;
  readonly pairs: number;
  readonly runs: number;
  readonly solved: number;
}

/** Hashes and counts the data in a folder. Throws if a file is missing or is no such data. */
export function checkData(folder: string): DataCheck {
  const hashes = Object.fromEntries(
    filesOf(folder).map((file) => {
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex');
      return [file, digest];
    }),
  );
  const recordings = readRecordings(folder);
  const { suites, runs } = recordings;
  const frozen = FROZEN.find(({ files }) =>
    Object.entries(files).every(([file, digest]) => hashes[file] === digest),
  );
  return {
    ...(frozen && { frozen: frozen.name }),
    hashes,
    suites: Object.keys(suites),
    tasks: Object.values(suites).reduce((sum, { user_tasks: all }) => sum + all.length, 0),
    pairs: attackPairs(recordings).length,
    runs: runs.length,
    solved: solvedRuns(recordings).length,
  };
}
