/** For agents: obtain a capability, narrow it for each call, send the call. */

export { type Narrowing, narrow } from '../capability/index.ts';
export { createDpopKey, type DpopAlgorithm, type DpopKey, deriveDpopKey } from '../dpop/index.ts';
export type { CallApproval } from './approve-call.ts';
export type { ApprovalPending, Capability, ObtainError } from './capability.ts';
export type { ChildOptions } from './child-options.ts';
export { type Connection, connect } from './connect.ts';
export { ConnectFailed, type ConnectFailedCode } from './connect-failed.ts';
export type { ConnectOptions, StepUp, StepUpRequest } from './connect-options.ts';
export {
  completeWorkflow,
  type Ended,
  type EndingError,
  type EndingOptions,
  failWorkflow,
} from './end-workflow.ts';
export {
  type CatalogueSource,
  type FetchCatalogueError,
  type FetchCatalogueOptions,
  fetchCatalogue,
  type IssuerCatalogueOptions,
  issuerCatalogue,
} from './fetch-catalogue.ts';
export { type GuardToolOptions, guardTool } from './guard-tool.ts';
export {
  type DelegationError,
  type HandedOff,
  type HandOffOptions,
  handOff,
  type ReceiptError,
  receiveHandOff,
} from './hand-off.ts';
export {
  type AzureOptions,
  azureIdentity,
  type Environment,
  type EnvironmentOptions,
  environmentIdentity,
  type GithubActionsOptions,
  type GitlabOptions,
  type GoogleOptions,
  githubActionsIdentity,
  gitlabIdentity,
  googleIdentity,
  type IdentityRequest,
  type IdentitySource,
  identityFrom,
} from './identity/index.ts';
export type { McpEndpoint } from './mcp-servers.ts';
export type { NamedCall } from './named-call.ts';
export { NarrowingFailed, type NarrowingFailedCode } from './narrowing-failed.ts';
export { type NarrowingFetchOptions, narrowingFetch } from './narrowing-fetch.ts';
export { neededGrants, neededGrantsOf } from './needed-grants.ts';
export { obtainCapability } from './obtain.ts';
export type { Approval, ObtainOptions } from './obtain-options.ts';
export {
  type HandedConnection,
  type OpenHandOffError,
  type OpenHandOffOptions,
  openHandOff,
} from './open-hand-off.ts';
export { type ProvingFetch, provingFetch } from './proving-fetch.ts';
export { type CapabilityHolder, type RenewalError, refreshing } from './refreshing.ts';
export { type StepUpError, stepUp } from './step-up.ts';
