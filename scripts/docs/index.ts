import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Result } from '../../src/result.ts';
import { renderAdminMembers, renderAdminRoutes, renderProblems } from './admin-api.ts';
import { type Block, type PageFault, rewritePage } from './block.ts';
import { renderCatalogueKeys } from './catalogue-keys.ts';
import { renderCommandList, renderCommands } from './commands.ts';
import { renderConstraintKinds, renderSinkBounds } from './constraint-kinds.ts';
import { renderDecisions } from './decisions.ts';
import { renderDenials, renderFailures } from './denials.ts';
import {
  renderAuditKeys,
  renderDeploymentKeys,
  renderDevKeys,
  renderDrillKeys,
  renderGatewayKeys,
  renderIssuerKeys,
  renderNotifyKeys,
  renderOperatorKeys,
  renderProfileKeys,
  renderProtectedKeys,
  renderServeKeys,
  renderUpstreamKeys,
} from './deployment-keys.ts';
import { renderDeploymentSchema } from './deployment-schema.ts';
import { renderEngineLimits } from './engine-limits.ts';
import { renderFeedEntries } from './feed-entries.ts';
import { renderFolders } from './folders.ts';
import { renderGatewayVariables } from './gateway-variables.ts';
import { renderClientMembers, renderOidcMembers, renderSpiffeMembers } from './identity-members.ts';
import { renderRules, renderTransitions } from './lifecycle.ts';
import { renderMcpMethods } from './mcp-methods.ts';
import { renderNotices } from './notices.ts';
import { renderOpenApi } from './openapi.ts';
import { renderPath } from './paths.ts';
import { renderRecordKinds } from './records.ts';
import {
  CONSENT_CAUSES,
  IDENTITY_CAUSES,
  POLICY_CAUSES,
  PROOF_CAUSES,
  renderCauses,
} from './refusal-causes.ts';
import { storageBlocks } from './storage.ts';
import { renderPresentedTokenCodes, renderTokenCodes } from './token-codes.ts';
import { renderIssuerVariables } from './variables.ts';

export { renderApi } from './api.ts';
export { PATH_FILES_MAX, PATHS } from './paths.ts';
export { type Block, type PageFault, rewritePage };

/**
 * Everything in the documentation that is generated from code. To add a block, write its renderer
 * in its own file next to this one, add an entry here, put the two markers into the page, and
 * run `npm run docs`.
 */
export const BLOCKS: readonly Block[] = [
  { page: 'docs/reference/catalogue.md', block: 'catalogue-keys', render: renderCatalogueKeys },
  {
    page: 'docs/reference/constraints.md',
    block: 'constraint-kinds',
    render: renderConstraintKinds,
  },
  { page: 'docs/reference/constraints.md', block: 'sink-bounds', render: renderSinkBounds },
  { page: 'docs/explanation/architecture.md', block: 'folders', render: renderFolders },
  { page: 'docs/explanation/architecture.md', block: 'path-mint', render: renderPath('mint') },
  { page: 'docs/explanation/architecture.md', block: 'path-call', render: renderPath('call') },
  { page: 'docs/explanation/architecture.md', block: 'path-revoke', render: renderPath('revoke') },
  {
    page: 'docs/reference/configuration.md',
    block: 'issuer-variables',
    render: renderIssuerVariables,
  },
  { page: 'docs/reference/configuration.md', block: 'oidc-members', render: renderOidcMembers },
  { page: 'docs/reference/configuration.md', block: 'spiffe-members', render: renderSpiffeMembers },
  { page: 'docs/reference/configuration.md', block: 'client-members', render: renderClientMembers },
  {
    page: 'docs/reference/configuration.md',
    block: 'gateway-variables',
    render: renderGatewayVariables,
  },
  {
    page: 'docs/reference/deployment-file.md',
    block: 'deployment-keys',
    render: renderDeploymentKeys,
  },
  { page: 'docs/reference/deployment-file.md', block: 'issuer-keys', render: renderIssuerKeys },
  { page: 'docs/reference/deployment-file.md', block: 'gateway-keys', render: renderGatewayKeys },
  { page: 'docs/reference/deployment-file.md', block: 'upstream-keys', render: renderUpstreamKeys },
  { page: 'docs/reference/deployment-file.md', block: 'audit-keys', render: renderAuditKeys },
  { page: 'docs/reference/deployment-file.md', block: 'notify-keys', render: renderNotifyKeys },
  { page: 'docs/reference/deployment-file.md', block: 'drill-keys', render: renderDrillKeys },
  { page: 'docs/reference/notifications.md', block: 'notices', render: renderNotices },
  {
    page: 'docs/reference/deployment-file.md',
    block: 'operator-keys',
    render: renderOperatorKeys,
  },
  { page: 'docs/reference/deployment-file.md', block: 'serve-keys', render: renderServeKeys },
  { page: 'docs/reference/deployment-file.md', block: 'dev-keys', render: renderDevKeys },
  {
    page: 'docs/reference/deployment-file.md',
    block: 'profile-keys',
    render: renderProfileKeys,
  },
  {
    page: 'docs/reference/deployment-file.md',
    block: 'protected-keys',
    render: renderProtectedKeys,
  },
  { page: 'docs/reference/biscuit.md', block: 'engine-limits', render: renderEngineLimits },
  { page: 'docs/decisions/index.md', block: 'decisions', render: renderDecisions },
  { page: 'docs/reference/admin-api.md', block: 'admin-routes', render: renderAdminRoutes },
  { page: 'docs/reference/admin-api.md', block: 'admin-members', render: renderAdminMembers },
  { page: 'docs/reference/cli.md', block: 'command-list', render: renderCommandList },
  { page: 'docs/reference/cli.md', block: 'commands', render: renderCommands },
  { page: 'docs/reference/codes.md', block: 'problems', render: renderProblems },
  { page: 'docs/reference/codes.md', block: 'denials', render: renderDenials },
  { page: 'docs/reference/gateway.md', block: 'mcp-methods', render: renderMcpMethods },
  { page: 'docs/reference/feed.md', block: 'feed-entries', render: renderFeedEntries },
  { page: 'docs/reference/codes.md', block: 'failures', render: renderFailures },
  { page: 'docs/reference/codes.md', block: 'token-codes', render: renderTokenCodes },
  {
    page: 'docs/reference/codes.md',
    block: 'identity-causes',
    render: renderCauses(IDENTITY_CAUSES),
  },
  {
    page: 'docs/reference/codes.md',
    block: 'consent-causes',
    render: renderCauses(CONSENT_CAUSES),
  },
  {
    page: 'docs/reference/codes.md',
    block: 'proof-causes',
    render: renderCauses(PROOF_CAUSES),
  },
  {
    page: 'docs/reference/codes.md',
    block: 'policy-causes',
    render: renderCauses(POLICY_CAUSES),
  },
  {
    page: 'docs/reference/codes.md',
    block: 'presented-token-codes',
    render: renderPresentedTokenCodes,
  },
  { page: 'docs/reference/audit-log.md', block: 'record-kinds', render: renderRecordKinds },
  { page: 'docs/reference/workflow.md', block: 'transitions', render: renderTransitions },
  { page: 'docs/reference/workflow.md', block: 'deviation-rules', render: renderRules },
  ...storageBlocks('docs/reference/storage.md'),
];

/** Files that are generated whole. */
export const FILES: readonly { readonly path: string; readonly render: () => string }[] = [
  { path: 'docs/reference/openapi.json', render: renderOpenApi },
  { path: 'hewn.schema.json', render: renderDeploymentSchema },
];

/** One page, as it is and as it must be. */
export interface Page {
  readonly path: string;
  readonly current: string;
  readonly expected: Result<string, PageFault>;
}

const ROOT = join(import.meta.dirname, '../..');

/** Returns the absolute path of a page. */
export const pathOf = (page: string): string => join(ROOT, page);

/** Reads one page and renders its blocks. */
export async function renderPage(path: string, blocks: readonly Block[] = BLOCKS): Promise<Page> {
  const current = await readFile(pathOf(path), 'utf8');
  const rendered = new Map<string, string>();
  for (const { page, block, render } of blocks) {
    if (page === path) rendered.set(block, await render());
  }
  return { path, current, expected: rewritePage(current, rendered) };
}
