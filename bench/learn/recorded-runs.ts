/** The recorded runs of AgentDojo, in the folder next to the repository. */
import { fileURLToPath } from 'node:url';
import * as data from '../agent-authz-bench/index.ts';

export type {
  RecordedRun,
  Recordings,
  SuiteTool,
  ToolCall as RecordedCall,
} from '../agent-authz-bench/index.ts';

/** The data is not part of the repository. */
export const RUNS_FOLDER = fileURLToPath(
  new URL('../../../shared/agentdojo/', import.meta.url).href,
);

export const hasRecordings = (): boolean => data.hasRecordings(RUNS_FOLDER);

export const readRecordings = (): data.Recordings => data.readRecordings(RUNS_FOLDER);
