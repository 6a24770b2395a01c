/** Judges an authorization system for agents on recorded attacks and recorded honest runs. */
export { type AnsweredCall, RecordedAnswers } from './answers.ts';
export type { JudgedPair } from './attacker.ts';
export {
  type AttackPair,
  attackPairs,
  type EssentialCall,
  hasRecordings,
  type InjectionTask,
  type Json,
  type JsonObject,
  type RecordedRun,
  type Recordings,
  readRecordings,
  type Suite,
  type SuiteTool,
  solvedRuns,
  type ToolCall,
  type UserTask,
} from './data.ts';
export { checkData, type DataCheck, FROZEN, type FrozenData } from './frozen.ts';
export { type HonestRun, type Judgement, judge } from './judge.ts';
export { type Metrics, metricsOf, type Share } from './metrics.ts';
export {
  type Cost,
  detailsOf,
  NOT_SHOWN,
  newValuesOf,
  type Row,
  stableTable,
  tableOf,
} from './report.ts';
export type { Decision, Question, System, Task, Workflow } from './system.ts';
