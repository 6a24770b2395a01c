/** The verifier: decides one request offline, and says why. */
export {
  bearerToken,
  type Credentials,
  type PresentedProof,
  readCredentials,
  type TokenText,
} from './credentials.ts';
export type {
  CallRefusal,
  Decision,
  Denial,
  Evidence,
  KnownLabels,
  UsedApproval,
} from './decision.ts';
export { type GuardOptions, guard } from './fetch-handler.ts';
export type { Feed } from './freshness.ts';
export type { KeysOption } from './issuer-keys.ts';
export {
  type CallFacts,
  type CallOutcome,
  createProtection,
  type Decided,
  type DecisionRecorder,
  type DescribedRequest,
  type IssuerService,
  type OpenCall,
  type ProtectedCall,
  type ProtectedHandler,
  type Protection,
  type ProtectionOptions,
  type ProtectKillOptions,
  type ProtectOptions,
  protect,
  type RecordedCall,
  type RequestFacts,
  type Route,
  type RoutedRequest,
  type RouteInput,
  type RouteJudge,
  type RouteMode,
  type RouteValue,
  type UndescribedCall,
} from './protect/index.ts';
export {
  type ProtectedResource,
  resourceMetadata,
  resourceMetadataUrl,
  withResourceMetadata,
} from './resource-metadata.ts';
export type {
  ArgumentBound,
  ColumnForm,
  RetrievalScope,
  ScopeColumn,
  ScopeColumns,
  ScopeDecision,
  ScopeError,
  ScopeProperties,
  SqlFilter,
  VectorizeCondition,
  VectorizeFilter,
} from './scope/index.ts';
export {
  type ApprovalOffer,
  approvalOffer,
  invitesStepUp,
  type NeededDetail,
  neededDetails,
  scopeParameter,
  withNeeded,
} from './step-up.ts';
export { TIERS, type Tier, type TierRule, type Tiers } from './tiers.ts';
export {
  type Admission,
  createVerifier,
  type OpenedToken,
  type Verifier,
} from './verifier.ts';
export type { VerifierOptions } from './verifier-options.ts';
export type { RouteFacts, VerifyRequest } from './verify-request.ts';
export { denialResponse, toWire } from './wire.ts';
export { challenge, type Scheme, type WireDenial, withNonce } from './wire-form.ts';
