/**
 * Hewn's vocabulary on Biscuit: names, grants, the authority block, constraints, caveats, and the
 * facts of a call.
 */
export {
  type ApprovalTimes,
  type ApproveCallError,
  appendApproval,
  approveCalls,
} from './approve-call.ts';
export type { ApprovalBlock, ApprovedCall } from './approved-call.ts';
export {
  type ArgumentError,
  type ArgumentNode,
  type ArgumentType,
  argumentNodes,
  argumentsDigest,
  toMicros,
} from './arguments.ts';
export type {
  Authority,
  AuthorityError,
} from './authority.ts';
export {
  type Budgets,
  type BudgetsError,
  parseBudgets,
  type SumBudget,
  smallestBudgets,
  type ToolBudget,
} from './budgets.ts';
export { CALL_MEMBERS, type Call, type CallError, type CheckedCall, checkCall } from './call.ts';
export { type Narrowing, type NarrowingError, writeCaveats } from './caveats.ts';
export {
  type ArgumentConstraints,
  allowsOnlyNothing,
  argumentConstraintsSchema,
  boundsMember,
  boundsSink,
  type Constraint,
  type ConstraintAuthor,
  type ConstraintError,
  type ConstraintKind,
  type ConstraintsByPointer,
  type ConstraintWarning,
  constraintsText,
  coversConstraints,
  type ElementConstraint,
  isAbsent,
  type JoinError,
  joinConstraints,
  joinRequired,
  type ListConstraint,
  lintConstraint,
  listedValues,
  mayLack,
  memberOf,
  type ObjectShape,
  originsAllowed,
  type Pinnable,
  type Pinned,
  type PresentConstraint,
  parseArgumentConstraints,
  parseByPointer,
  parseConstraint,
  pinSinks,
  type Range,
  type Shape,
  shapeOf,
  type UniteError,
  type UrlConstraint,
  uniteConstraints,
  type ValueConstraint,
  valuesAllowed,
} from './constraints/index.ts';
export { coversGrant } from './covers-grant.ts';
export { type Datalog, DatalogWriter, type Parameter, toBlock } from './datalog.ts';
export {
  decodeDatasetName,
  encodeDatasetName,
  encodeDatasetSegment,
  encodeDatasetUrl,
} from './dataset-names.ts';
export { callFacts, type FactName, REQUEST_FACTS } from './facts.ts';
export type { FailedCheck } from './failed-check.ts';
export {
  checkGrant,
  checkGrants,
  type Grant,
  type GrantConstraintError,
  type GrantError,
  grantedDatasets,
  uncoveredDataset,
} from './grant.ts';
export {
  type GrantedReads,
  grantReads,
  groupReads,
  isGrantCount,
  separateReads,
} from './grant-reads.ts';
export { appendHop, type HandOffError, type HolderKey, type NextHolder } from './hand-off.ts';
export type { Hop, HopError } from './hops.ts';
export { inspectToken, type TokenClaims } from './inspect.ts';
export { ipBits, rangeBits } from './ip-address.ts';
export { type GrantConflict, type MergedGrants, mergeGrants } from './merge-grants.ts';
export { mintedCatalogue } from './minted-catalogue.ts';
export {
  ACTIONS,
  type Action,
  checkAudience,
  checkDataset,
  checkPath,
  checkPlainDataset,
  checkTool,
  covers,
  isAction,
  type NameError,
} from './names.ts';
export { readApprovals } from './read-approvals.ts';
export { readScope, writeScope } from './scope.ts';
export { hasForm, readText, type TextForm, type TextReading } from './text-reading.ts';
export {
  type IssuerKey,
  narrow,
  openToken,
  type RejectedHop,
  type TrustedIssuer,
  trustIssuer,
  type VerifiedCapability,
} from './token.ts';
export type { TokenError } from './token-error.ts';
export {
  type AuthorityBlock,
  type AuthorityWriteError,
  writeAuthority,
} from './write-authority.ts';
