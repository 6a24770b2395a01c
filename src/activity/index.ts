/**
 * What an operator's list shows of workflows, derived from the records of the logs: states, calls,
 * denials and what was used. Pure functions; `workers/issuer/activity` stores what they return.
 */
export { isCanary } from './canary.ts';
export { type Recent, recentAt } from './recent.ts';
export { lastUsesOf, minutesOf } from './sums.ts';
export { delegationTree, type TokenNode, type TokenScope } from './tokens.ts';
export {
  distinctUses,
  type Topic,
  topicOf,
  type Use,
  type UseKind,
  usesOf,
} from './uses.ts';
export {
  applyRecord,
  kindsOf,
  type ShownKind,
  type WorkflowActivity,
} from './workflow.ts';
