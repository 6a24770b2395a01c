/**
 * The servers behind a gateway as configuration: what a deployment may say about each of them, and
 * which addresses the gateway may connect to. workers/gateway/upstream sends by it.
 */

export {
  type CallLimits,
  limitsSchema,
  type StatedLimits,
  toolLimits,
} from '../call-limits.ts';
export { type AddressFault, addressFault, isSpecialHost } from './address.ts';
export {
  conflictOf,
  faultOf,
  neededSecrets,
  readUpstreams,
  readUrls,
  type UpstreamConfig,
  type UpstreamConfigs,
  type UpstreamConflict,
} from './config.ts';
export {
  CREDENTIALS,
  type CredentialConfig,
  type CredentialKind,
  type CredentialOf,
  credentialSchema,
} from './credentials.ts';
export {
  addressedUrls,
  type ServerRequest,
  type StatedUpstream,
  serverName,
  serviceBinding,
  standInFor,
  tableOf,
  type UpstreamTable,
  upstreamSchema,
  upstreamUrl,
} from './schema.ts';
export {
  isSealKeys,
  type OpenedSecret,
  openSealed,
  type SealedFault,
  type SealTerms,
  sealPublicKey,
  sealSecret,
  useSealed,
} from './sealed.ts';
