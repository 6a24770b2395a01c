/**
 * The key file of an issuer: everything that it keeps secret, in one file that only its owner can
 * read.
 */
export { generateKeyFile, type KeyFile, readContents } from './contents.ts';
export {
  type DeploymentKeys,
  deploymentKeyFile,
  issuerSecrets,
  loadDeploymentKeys,
} from './deployment-keys.ts';
export {
  changeKeyFile,
  type KeyFileError,
  makeKeyFile,
  readKeyFile,
} from './file.ts';
export { generatePair, isPair, isPrivateKey, signerOf } from './pair.ts';
