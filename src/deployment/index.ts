/**
 * The one file of a deployment, `hewn.toml`: reads it, reports every fault of it at once, and
 * generates the configuration of the Workers of each environment.
 */

export { AUDIT_SETTINGS, NO_ARCHIVE_BUCKET } from './audit-settings.ts';
export type { DevOperator, DevParty, DevServer, DevSettings } from './dev-model.ts';
export { defaultProvider, devEnvironmentOf } from './dev-rules.ts';
export { DEV_SETTINGS } from './dev-settings.ts';
export { DRILL_SETTINGS } from './drill-settings.ts';
export { type FileFault, showFault } from './fault.ts';
export {
  CATALOGUE_DEFAULT,
  type Deployment,
  type Environment,
  GATEWAY_ENTRY_DEFAULT,
  ISSUER_ENTRY_DEFAULT,
  workerName,
} from './model.ts';
export { nearest } from './nearest.ts';
export { NOTIFY_SETTINGS } from './notify-settings.ts';
export { OPERATOR_SETTINGS } from './operator-settings.ts';
export { type Profile, STEP_UP_MODES, type StepUpMode } from './profile.ts';
export { PROFILE_SETTINGS } from './profile-settings.ts';
export {
  DEPLOYMENT_FILE,
  readDeployment,
  readSourcePaths,
  type SourcePaths,
} from './read.ts';
export { PROVIDER_KIND_DEFAULT, PROVIDER_SCHEMAS } from './sections.ts';
export { NO_SOURCE_HEADER, SERVE_SETTINGS, servePorts } from './serve-settings.ts';
export {
  DEPLOYMENT_SETTINGS,
  GATEWAY_SETTINGS,
  ISSUER_SETTINGS,
  type Settings,
} from './settings.ts';
export { environmentName, gatewayName, profileName, providerName } from './texts.ts';
export { UPSTREAM_SETTINGS } from './upstream-settings.ts';
export {
  GATEWAY_RATES,
  generateWrangler,
  ISSUER_RATES,
  OBJECT_CLASSES,
  secretNames,
  type WranglerConfig,
} from './wrangler.ts';
export { PROTECTED_KEYS } from './wrangler-extras.ts';
