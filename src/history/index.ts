/**
 * Rules over the history of a workflow and its family, or of an agent, subject or owner: how they
 * are declared, what they remember, and what they decide. Pure functions of plain data; the caller
 * passes the clock in. workers/issuer/workflow and workers/issuer/tally store what is remembered.
 */
export { HISTORY_RULES_MAX, HISTORY_SECONDS_MAX, readDeclaration } from './declaration.ts';
export { describeRule } from './describe.ts';
export {
  commitHistory,
  isReserved,
  refundHistory,
  reserveHistory,
  unmeasuredBy,
} from './keep.ts';
export { MEASURED_VALUES_MAX, type Measurements, measure } from './measure.ts';
export { noteHistory } from './note.ts';
export {
  allowedInstead,
  HISTORY_CODES,
  type HistoryRefusal,
  historyRefusalOf,
} from './refusal.ts';
export {
  HISTORY_SCOPES,
  type HistoryRule,
  type HistoryScope,
  pointersFor,
  rulesOf,
  watchedBy,
} from './rule.ts';
export { EMPTY_HISTORY, type HistoryState } from './state.ts';
export { TRIAL_ENDS, type TrialCall, tryHistory } from './trial.ts';
export { type HistoryUse, mostOf, usesOf } from './use.ts';
