/** For agents in Node: identity sources that read files, sockets and a running `hewn dev`. */
export { type DevIdentityOptions, type DevUserOptions, devIdentity, devUser } from './dev.ts';
export { fileIdentity, kubernetesIdentity } from './file.ts';
export {
  IDENTITY_FORMS,
  identitySourceOf,
  type SourceContext,
} from './identity-source-of.ts';
export { type SpiffeOptions, spiffeIdentity } from './spiffe.ts';
