import {
  AUDIT_SETTINGS,
  DEPLOYMENT_SETTINGS,
  DEV_SETTINGS,
  DRILL_SETTINGS,
  GATEWAY_SETTINGS,
  ISSUER_SETTINGS,
  NOTIFY_SETTINGS,
  OPERATOR_SETTINGS,
  PROFILE_SETTINGS,
  PROTECTED_KEYS,
  SERVE_SETTINGS,
  type Settings,
  UPSTREAM_SETTINGS,
} from '../../src/deployment/index.ts';
import { markdownTable } from './table.ts';

/** Renders the keys of one table of `hewn.toml`. */
const renderKeys = (settings: Settings) => (): string =>
  markdownTable(
    ['key', 'purpose', 'without it', 'variable'],
    Object.entries(settings).map(([name, { purpose, absent, required, variable }]) => [
      `\`${name}\``,
      purpose,
      required ? 'required' : (absent ?? ''),
      variable === undefined ? '' : `\`${variable}\``,
    ]),
  );

export const renderDeploymentKeys = renderKeys(DEPLOYMENT_SETTINGS);
export const renderIssuerKeys = renderKeys(ISSUER_SETTINGS);
export const renderDevKeys = renderKeys(DEV_SETTINGS);
export const renderProfileKeys = renderKeys(PROFILE_SETTINGS);
export const renderGatewayKeys = renderKeys(GATEWAY_SETTINGS);
export const renderUpstreamKeys = renderKeys(UPSTREAM_SETTINGS);
export const renderAuditKeys = renderKeys(AUDIT_SETTINGS);
export const renderNotifyKeys = renderKeys(NOTIFY_SETTINGS);
export const renderDrillKeys = renderKeys(DRILL_SETTINGS);
export const renderOperatorKeys = renderKeys(OPERATOR_SETTINGS);
export const renderServeKeys = renderKeys(SERVE_SETTINGS);

/** Renders the keys of wrangler that the file must not set. */
export const renderProtectedKeys = (): string =>
  markdownTable(
    ['key', 'set instead'],
    Object.entries(PROTECTED_KEYS).map(([key, instead]) => [`\`${key}\``, instead]),
  );
