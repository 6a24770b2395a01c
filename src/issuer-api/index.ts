/**
 * The HTTP API of the issuer as a contract: paths, queries, bodies, answers and problems. The
 * issuer binds handlers to it; the command line, OpenAPI and the reference pages are derived from
 * it.
 */
export {
  ADMIN_API,
  type AdminApi,
  ANSWERS_LISTED_MAX,
  DENIAL_SCOPES,
  ENTRIES_PER_PAGE_MAX,
  logOfPath,
  NAMES_PER_PAGE_MAX,
  OPERATOR_CAPABILITY_ID,
  type Proposal,
  type SentPasskeyAnswer,
  VERIFIERS_SHOWN_MAX,
} from './admin/index.ts';
export {
  type AdminCaller,
  type BoundToken,
  type CallFault,
  createAdminCaller,
  isSafeUrl,
} from './call.ts';
export { readAnswer, requestOf } from './client.ts';
export { describeFault, membersOf } from './describe.ts';
export { describeCallFault, describeWaiting } from './describe-call.ts';
export { PROBLEMS, type ProblemCode, type Refusal } from './problems.ts';
export {
  CALL_END,
  CALLS_TO_APPROVE,
  type Caller,
  CHARGE,
  COMPLETION,
  FAILURE,
  LEASE,
  PUBLIC_API,
  type PublicApi,
  type PublicRoute,
  type PublicRoutes,
  RECORD_BATCH,
  SETTLEMENT,
} from './public/index.ts';
export {
  describeUnpublished,
  type KeyToPublish,
  keysToPublish,
  publishKeys,
} from './publish-keys.ts';
export {
  asInvalid,
  type IssuerFault,
  loadAndActivate,
  putVersion,
} from './put-version.ts';
export { isKnownQuery, parametersOf } from './query.ts';
export {
  ADMIN_PREFIX,
  type AdminRoute,
  type AdminRoutes,
  COMMON_PROBLEMS,
  type RouteAnswer,
  type RouteCall,
  type RouteInput,
  type RouteProblem,
} from './route.ts';
export { timestamped } from './timestamped.ts';
export {
  APPROVAL_ID,
  REVOCATION_ID,
  reason,
  remark,
  STREAM_ID,
  UNIX_SECONDS_MAX,
  WORKFLOW_ID,
} from './values.ts';
