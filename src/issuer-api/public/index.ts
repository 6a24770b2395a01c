/** The routes for agents, verifiers and receivers, by the feature of the issuer that has them. */
import { CALL_APPROVAL_ROUTES } from './approvals.ts';
import { CATALOGUE_ROUTES } from './catalogue.ts';
import { CONSOLE_ROUTES } from './console.ts';
import { FEED_ROUTES } from './feed.ts';
import { HEALTH_ROUTES } from './health.ts';
import { LOG_ROUTES } from './log.ts';
import { SIGNAL_ROUTES } from './signals.ts';
import { TOKEN_ROUTES } from './token.ts';
import { VERIFIER_ROUTES } from './verifier.ts';
import { WORKFLOW_ENDINGS } from './workflows.ts';

export { CALLS_TO_APPROVE } from './approvals.ts';
export type { Caller, PublicRoute, PublicRoutes } from './route.ts';
export { CALL_END, CHARGE, LEASE, RECORD_BATCH, SETTLEMENT } from './verifier.ts';
export { COMPLETION, FAILURE } from './workflows.ts';

export const PUBLIC_API = {
  health: HEALTH_ROUTES,
  console: CONSOLE_ROUTES,
  token: TOKEN_ROUTES,
  workflow: WORKFLOW_ENDINGS,
  approval: CALL_APPROVAL_ROUTES,
  feed: FEED_ROUTES,
  catalogue: CATALOGUE_ROUTES,
  log: LOG_ROUTES,
  signals: SIGNAL_ROUTES,
  verifier: VERIFIER_ROUTES,
} as const;

export type PublicApi = typeof PUBLIC_API;
