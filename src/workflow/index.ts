/** The life of a workflow: states, children, budgets, rules. Plain data; the clock is passed in. */
export { askBreaker, type BreakerState, type BreakerWord, type Stop } from './breaker.ts';
export {
  ancestorsOf,
  type Carved,
  type ChildBudgets,
  type ChildRefusal,
  carve,
  giveBack,
  livingBelow,
  type Member,
  shareOut,
  subtree,
  type Tree,
  tokensEndOf,
} from './children.ts';
export {
  type Answered,
  type Finding,
  findDeviations,
  type Observed,
  type Scene,
} from './deviation.ts';
export { type Lease, lapse, settle, takeLease } from './leases.ts';
export { type CountedCall, Ledger, type LedgerDenial } from './ledger.ts';
export {
  due,
  dueAt,
  type FeedWord,
  type Lifecycle,
  type MoveRefused,
  type MoveRequest,
  mayMint,
  stateAt,
  type Transition,
  transition,
} from './lifecycle.ts';
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
export type {
  AccountRefusal,
  BudgetOffice,
  ChargeOrder,
  Leased,
  LeaseOrder,
} from './office.ts';
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
  isTerminal,
  type Move,
  type Mover,
  STATES,
  STEPS,
  stateAfter,
  type WorkflowState,
} from './state.ts';
