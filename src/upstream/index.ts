/**
 * The servers behind a gateway as configuration: what a deployment may say about each of them, and
 * which addresses the gateway may connect to. workers/gateway/upstream sends by it.
 */

export {
  type CallLimits,
  type StatedLimits,
  toolLimits,
} from '../call-limits.ts';
export { type AddressFault, addressFault } from './address.ts';
export {
  conflictOf,
  faultOf,
  neededSecrets,
  readUpstreams,
  readUrls,
  sealedElsewhere,
  signsCaller,
  type UpstreamConfig,
  type UpstreamConfigs,
} from './config.ts';
export {
  CREDENTIALS,
  type CredentialConfig,
  type CredentialKind,
  type CredentialOf,
  credentialSchema,
  GITHUB_API,
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
  sealPublicKey,
  sealSecret,
  useSealed,
} from './sealed.ts';
export { SECRET_CHARACTERS_MAX, SECRET_CHARACTERS_MIN, secretText } from './secret-text.ts';
