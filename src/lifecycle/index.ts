/**
 * The life of a workflow as pure functions of plain data: states and transitions, children, budgets
 * and deviation rules. The caller passes the clock in. workers/issuer/workflow stores and delivers
 * what is decided here.
 */
export { type BreakerAnswer, judgeStop, type Stop } from './breaker.ts';
export type {
  AccountRefusal,
  BudgetClient,
  CallEnd,
  Charged,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
  LedgerDenial,
} from './budget-client.ts';
export { endOf } from './call-end.ts';
export {
  ancestorsOf,
  type Carved,
  CHILDREN_MAX,
  type ChildRefusal,
  carve,
  giveBack,
  livingBelow,
  shareOut,
  type Tree,
  type TreeNode,
  tokensEndOf,
} from './children.ts';
export {
  type GrantedStepUp,
  type LastFinding,
  mayHoldAgain,
  type ObservedRecord,
  type RuleInput,
  type Tripwires,
} from './conditions.ts';
export { type Lease, lapse, settle, takeLease } from './leases.ts';
export { type CountedCall, Ledger, type ToldLabels } from './ledger.ts';
export {
  type BudgetRefusal,
  charge,
  count,
  DENIALS,
  exceeded,
  giveBackCharge,
  left,
  type Meter,
  type Meters,
  metersOf,
  spendsOf,
  summedPointers,
  tightened,
} from './meters.ts';
export {
  type Finding,
  findDeviations,
  OUT_OF_SCOPE,
  OUTAGES,
  RULE_DESCRIPTIONS,
  RULES,
  type Rule,
  type RuleAction,
} from './rules.ts';
export {
  type ActorKind,
  isTerminal,
  type Move,
  STATES,
  STEPS,
  stateAfter,
  type WorkflowState,
} from './state.ts';
export {
  due,
  dueAt,
  type Lifecycle,
  type LifecycleEntry,
  mayMint,
  stateAt,
  type Transition,
  type TransitionRefused,
  type TransitionRequest,
  transition,
} from './transition.ts';
