/**
 * Deploys one environment of a deployment: steps as data, which a thin shell carries out. What is
 * deployed already stays as it is.
 */
export {
  carryOut,
  type DeployTools,
  deployed,
  type PublishedKeys,
  type StepReport,
  type VersionStore,
} from './carry-out.ts';
export { REPLACE_CHARACTERS_MIN } from './decide-version.ts';
export { askIssuer, replacementFault } from './existing-issuer.ts';
export { fingerprintOf } from './fingerprint.ts';
export { type DeployStep, planDeployment } from './plan.ts';
export { loadSecrets, removeLeftovers } from './secrets.ts';
export { type DeployedState, readState, stateFile } from './state.ts';
