/**
 * The key file of an issuer: everything that it keeps secret, in one file that only its owner can
 * read.
 */
export type { KeyFile } from './contents.ts';
export {
  deploymentKeyFile,
  issuerSecrets,
  loadDeploymentKeys,
  prepareStateFolder,
  withAllPairs,
} from './deployment-keys.ts';
export {
  changeKeyFile,
  type KeyFileError,
  makeKeyFile,
  readKeyFile,
} from './file.ts';
export { generatePair, isPair, signerOf } from './pair.ts';
export {
  loadWorkerSecrets,
  type Secrets,
  secretVariable,
  statedSecrets,
  type WorkerSecrets,
  workerSecretsFile,
} from './worker-secrets.ts';
