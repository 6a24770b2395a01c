/** The life of a workflow: states, children, budgets, rules. Plain data; the clock is passed in. */
export { type BreakerAnswer, type BreakerState, judgeStop, type Stop } from './breaker.ts';
export type {
  AccountRefusal,
  BudgetClient,
  ChargeRequest,
  LeaseGrant,
  LeaseRequest,
} from './budget-client.ts';
export {
  ancestorsOf,
  type Carved,
  type ChildBudgets,
  type ChildRefusal,
  carve,
  giveBack,
  livingBelow,
  shareOut,
  subtree,
  type Tree,
  type TreeNode,
  tokensEndOf,
} from './children.ts';
export {
  type Finding,
  findDeviations,
  type GrantedStepUp,
  type ObservedRecord,
  type RuleInput,
} from './deviation.ts';
export { type Lease, lapse, settle, takeLease } from './leases.ts';
export { type CountedCall, Ledger, type LedgerDenial } from './ledger.ts';
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
  type Spends,
  spendsOf,
  summedPointers,
  tightened,
} from './meters.ts';
export {
  type Condition,
  INVITING,
  OUT_OF_SCOPE,
  OUTAGES,
  RULES,
  type Rule,
  type RuleAction,
  type Tripwires,
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
