import {
  answerAlive,
  answerReady,
  type ReadyCheck,
  RememberedChecks,
} from '../../../src/health/index.ts';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import { readOperatorDigest, tryReadConfig } from './config.ts';
import { credentialDigest, isCredential } from './credential.ts';
import type { IssuerEnv } from './env.ts';
import { limitSource } from './rate-limiting.ts';
import type { PublicHandlers } from './router.ts';

const limitQuestions = limitSource('question');

/**
 * `/healthz` and `/readyz`. Both answer without a credential, for load balancers and monitors. A
 * stranger learns which check fails and the name of the variable at fault; with the operator
 * credential, the answer has the reason too.
 */
export function createHealthRoutes(
  hasPolicy: (env: IssuerEnv) => boolean | Promise<boolean>,
): PublicHandlers<PublicApi['health']> {
  const remembered = new RememberedChecks<IssuerEnv>(async (env) => [
    configurationCheck(env),
    { name: 'policy', ok: await hasPolicy(env) },
    ...auditChecks(env),
  ]);
  return {
    healthz: answerAlive,
    readyz: async (request, env) => {
      // The limits are part of the configuration. Without one, the remembered checks are the bound.
      const tooMany = tryReadConfig(env).ok ? await limitQuestions(request, env) : undefined;
      if (tooMany) return tooMany;
      const checks = await remembered.of(env);
      return answerReady(checks, { withReasons: await isOperator(request.headers, env) });
    },
  };
}

function configurationCheck(env: IssuerEnv): ReadyCheck {
  const config = tryReadConfig(env);
  if (config.ok) return { name: 'configuration', ok: true };
  const { variable, message } = config.error;
  return { name: 'configuration', ok: false, variable, reason: message };
}

/** Without a key the issuer serves everything, and no one can check its logs. */
function auditChecks(env: IssuerEnv): readonly ReadyCheck[] {
  const config = tryReadConfig(env);
  if (!config.ok) return [];
  const isSigned = config.value.audit.logKey !== undefined;
  if (isSigned) return [{ name: 'audit', ok: true }];
  const reason = 'LOG_KEY is missing: records are appended, and no checkpoint is signed';
  return [{ name: 'audit', ok: false, isPartial: true, variable: 'LOG_KEY', reason }];
}

async function isOperator(headers: Headers, env: IssuerEnv): Promise<boolean> {
  const known = readOperatorDigest(env);
  return known !== undefined && isCredential(await credentialDigest(headers), known);
}
