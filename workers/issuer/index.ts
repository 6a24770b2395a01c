import { isPlain } from '../../src/canonical-json.ts';
import { expecting, type Members, readOptions } from '../../src/options.ts';
import { activityRoutes, selectorRoutes } from './activity/routes.ts';
import { createCallApprovalRoutes } from './approval/agent-routes.ts';
import { createApprovalRoutes } from './approval/routes.ts';
import { auditRoutes } from './audit/routes.ts';
import { verifierRoutes } from './audit/verifier-routes.ts';
import { mountConsole } from './console/routes.ts';
import { createExplanationRoutes } from './explain/routes.ts';
import { createDenialRoutes } from './feed/denial-routes.ts';
import { faultyShards } from './feed/health.ts';
import { keyRoutes } from './feed/keys/routes.ts';
import { feedRoutes } from './feed/routes.ts';
import { createWatermarkRoutes } from './feed/watermark-routes.ts';
import { faultyLogs } from './log/health.ts';
import { proofRoutes } from './log/proof-routes.ts';
import { logRoutes } from './log/public-routes.ts';
import { requireOperator } from './operators/authenticate.ts';
import { capabilityRoutes } from './operators/capability-routes.ts';
import { openSession } from './operators/open-session.ts';
import { passkeyRoutes } from './operators/passkey-routes.ts';
import { createProposalRoutes } from './operators/proposal-routes.ts';
import { sessionRoutes } from './operators/routes.ts';
import { consoleRoutes } from './operators/sign-in.ts';
import type { BoundRoute } from './platform/admin-router.ts';
import { readConfig } from './platform/config.ts';
import type { IssuerEnv } from './platform/env.ts';
import { createHealthRoutes } from './platform/health.ts';
import { knownQuery } from './platform/known-query.ts';
import { limitSource } from './platform/rate-limiting.ts';
import {
  type AdminFeatures,
  createRouter,
  type IssuerRouter,
  mountAdmin,
  mountHealth,
  mountPublic,
  mountSignIn,
} from './platform/router.ts';
import { createPolicyRoutes } from './questions/policy-routes.ts';
import { createQuestionRoutes } from './questions/routes.ts';
import { streamRoutes } from './signals/operator-routes.ts';
import { requireSignals, signalRoutes } from './signals/receiver-routes.ts';
import { healthRoutes } from './status/health-routes.ts';
import { statusRoutes } from './status/routes.ts';
import { peopleRoutes } from './subject-keys/routes.ts';
import { createCatalogueRoutes } from './token/catalogue.ts';
import { createTokenRoutes } from './token/routes.ts';
import type { DeployedPolicy, PolicySources } from './version/deployed-policy.ts';
import { decideBy } from './version/in-force.ts';
import { versionRoutes } from './version/routes.ts';
import { drillRoutes, notificationRoutes } from './watchdog/routes.ts';
import { startWatchdog, wakeWatchdog } from './watchdog/start.ts';
import { agentRoutes } from './workflow/agent-routes.ts';
import { workflowRoutes } from './workflow/operator-routes.ts';
import { ruleRoutes } from './workflow/rule-routes.ts';

export type { IssuerEnv } from './platform/env.ts';
export type { PolicySources } from './version/deployed-policy.ts';

/** The default export of the issuer's entry file. */
export interface IssuerWorker {
  readonly fetch: (request: Request, env: IssuerEnv, ctx: ExecutionContext) => Promise<Response>;
  /** For the cron trigger, which keeps the scheduled drill alive. */
  readonly scheduled: (controller: unknown, env: IssuerEnv) => Promise<void>;
}

const isText = (value: unknown): boolean => typeof value === 'string';

const SOURCES: Members<PolicySources> = {
  policy: expecting(
    'an object whose values are strings',
    (files) => isPlain(files) && Object.values(files).every(isText),
  ),
  catalogue: expecting('a string', isText),
};

/**
 * Returns the issuer of a deployment, for the entry file of its Worker to export as default. The
 * entry file also exports everything of `hewn/issuer/objects`.
 *
 * The issuer decides by the version of policy and catalogue that is active in its storage.
 * `hewn deploy`, `hewn dev` and `hewn serve` load and activate the version of their folder. Until a
 * version was activated, the issuer decides by `sources`, and without them it mints nothing.
 *
 * Throws a `TypeError` if the sources are not strings. If nothing decides, `POST /token` answers
 * 503, and the log has the reason as `policy.unavailable`.
 *
 * @example The entry file of a deployment
 * ```ts
 * import { createIssuer } from 'hewn/issuer';
 *
 * export * from 'hewn/issuer/objects';
 * export default createIssuer();
 * ```
 *
 * @example With sources that decide until a version is activated
 * ```ts
 * import { createIssuer } from 'hewn/issuer';
 *
 * const policy = { 'policy/reports.datalog': reportsDatalog };
 *
 * export default createIssuer({ policy, catalogue: toolsToml });
 * ```
 */
export function createIssuer(sources?: PolicySources): IssuerWorker {
  const read = sources === undefined ? undefined : readOptions(sources, 'createIssuer', SOURCES);
  const router = createIssuerRouter(decideBy(read));
  return {
    fetch: (request, env, ctx) => router.fetch(request as never, env, ctx),
    scheduled: (_controller, env) => wakeWatchdog(env),
  };
}

/** Before anything else is read: a fault is answered with 503, whatever was sent. */
function requireConfiguration(_request: unknown, env: IssuerEnv): void {
  readConfig(env);
}

function createIssuerRouter(deployed: DeployedPolicy): IssuerRouter {
  const router = createRouter();

  mountHealth(
    router,
    createHealthRoutes(
      async (env) => (await deployed.load(env)) !== undefined,
      faultyLogs,
      faultyShards,
    ),
  );

  router
    .all('*', requireConfiguration)
    .all('*', startWatchdog)
    .all('/token', limitSource('token'))
    .all('/console/*', limitSource('question'))
    .post('/admin/v1/session', limitSource('token'), knownQuery)
    .all('/introspect', limitSource('question'))
    .all('/revoke', limitSource('question'))
    .all('/workflows/*', limitSource('question'))
    .all('/feed/*', limitSource('question'))
    .all('/catalogue/*', limitSource('question'))
    .all('/audit/*', limitSource('question'), knownQuery)
    .all('/status/*', limitSource('question'))
    .all('/ssf/*', limitSource('question'))
    .post('/introspect', knownQuery)
    .post('/revoke', knownQuery)
    .post('/workflows/*', knownQuery)
    .post('/verifier/*', knownQuery)
    .all('/feed/*', knownQuery)
    .all('/catalogue/*', knownQuery)
    .all('/status/*', knownQuery)
    .all('/status/*', requireSignals)
    .all('/ssf/*', requireSignals, knownQuery)
    .all('/.well-known/ssf-configuration', requireSignals)
    .get('/console/providers', knownQuery)
    .get('/console/sign-in', knownQuery)
    .post('/console/sign-out', knownQuery);

  mountSignIn(router, { ...consoleRoutes, openSession });

  router
    // No rate limit: an operator must be able to stop a workflow during a flood.
    .all('/admin/*', requireOperator, knownQuery)
    .all('/admin/v1/streams*', requireSignals);

  mountConsole(router);

  mountPublic(router, {
    token: createTokenRoutes(deployed),
    workflow: agentRoutes,
    approval: createCallApprovalRoutes(deployed),
    feed: feedRoutes,
    catalogue: createCatalogueRoutes(deployed),
    log: logRoutes,
    signals: signalRoutes,
    verifier: verifierRoutes,
  });

  const features: Omit<AdminFeatures, 'proposals'> = {
    session: sessionRoutes,
    capabilities: capabilityRoutes,
    passkeys: passkeyRoutes,
    workflows: workflowRoutes,
    selectors: selectorRoutes,
    activity: activityRoutes,
    explanations: createExplanationRoutes(deployed),
    rules: ruleRoutes,
    approvals: createApprovalRoutes(deployed),
    watermarks: createWatermarkRoutes(deployed),
    denials: createDenialRoutes(deployed),
    keys: keyRoutes,
    audit: auditRoutes,
    people: peopleRoutes,
    proofs: proofRoutes,
    status: statusRoutes,
    streams: streamRoutes,
    drill: drillRoutes,
    notifications: notificationRoutes,
    versions: versionRoutes,
    questions: createQuestionRoutes(deployed),
    policy: createPolicyRoutes(deployed),
    health: healthRoutes,
  };
  const bound = Object.values(features).flatMap((routes) => Object.values<BoundRoute>(routes));
  mountAdmin(router, {
    ...features,
    proposals: createProposalRoutes((act) =>
      bound.find(({ method, path }) => `${method} ${path}` === act),
    ),
  });

  return router;
}
