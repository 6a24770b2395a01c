import {
  answerAlive,
  answerReady,
  type ReadyCheck,
  RememberedChecks,
} from '../../../src/health/index.ts';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import { within } from '../../../src/within.ts';
import { readOperatorDigest, tryReadConfig } from './config.ts';
import { credentialDigest, isCredential } from './credential.ts';
import type { IssuerEnv } from './env.ts';
import { limitSource } from './rate-limiting.ts';
import type { PublicHandlers } from './router.ts';

const limitQuestions = limitSource('question');

const LOGS_MILLISECONDS_MAX = 3_000;

/** A log, and what is wrong with it. */
interface LogFaults {
  readonly log: string;
  readonly faults: readonly string[];
}

/** A shard of the feed, and what is wrong with its tree. */
interface ShardFaults {
  readonly shard: number;
  readonly faults: readonly string[];
}

/**
 * `/healthz` and `/readyz`. Both answer without a credential, for load balancers and monitors. A
 * stranger learns which check fails and the name of the variable at fault; with the operator
 * credential, the answer has the reason too.
 */
export function createHealthRoutes(
  hasPolicy: (env: IssuerEnv) => boolean | Promise<boolean>,
  faultsOfLogs: (env: IssuerEnv) => Promise<readonly LogFaults[]>,
  faultsOfShards: (env: IssuerEnv) => Promise<readonly ShardFaults[]>,
): PublicHandlers<PublicApi['health']> {
  const remembered = new RememberedChecks<IssuerEnv>(async (env) => [
    configurationCheck(env),
    { name: 'policy', ok: await hasPolicy(env) },
    ...(await auditChecks(env, faultsOfLogs)),
    ...(await witnessChecks(env, faultsOfShards)),
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

/**
 * The logs that something is wrong with. Without a key, or with a log that stopped, the issuer
 * serves everything: records are appended, and someone has to look.
 */
async function auditChecks(
  env: IssuerEnv,
  faultsOfLogs: (env: IssuerEnv) => Promise<readonly LogFaults[]>,
): Promise<readonly ReadyCheck[]> {
  const config = tryReadConfig(env);
  if (!config.ok) return [];
  const failed = { name: 'audit', ok: false, isPartial: true } as const;
  if (config.value.audit.logKey === undefined) {
    const reason = 'LOG_KEY is missing: records are appended, and no checkpoint is signed';
    return [{ ...failed, variable: 'LOG_KEY', reason }];
  }
  const logs = await within(faultsOfLogs(env), LOGS_MILLISECONDS_MAX).catch(() => undefined);
  if (!logs) return [{ ...failed, reason: 'a log does not answer' }];
  if (logs.length === 0) return [{ name: 'audit', ok: true }];
  return logs.map(({ log, faults }) => ({ ...failed, subject: log, reason: faults.join(', ') }));
}

/**
 * The shards whose tree too few witnesses have seen. The issuer serves everything; verifiers that
 * demand the witnesses deny more and more.
 */
async function witnessChecks(
  env: IssuerEnv,
  faultsOfShards: (env: IssuerEnv) => Promise<readonly ShardFaults[]>,
): Promise<readonly ReadyCheck[]> {
  const config = tryReadConfig(env);
  if (!config.ok || config.value.audit.witnesses === undefined) return [];
  const failed = { name: 'witnesses', ok: false, isPartial: true } as const;
  const shards = await within(faultsOfShards(env), LOGS_MILLISECONDS_MAX).catch(() => undefined);
  if (!shards) return [{ ...failed, reason: 'a shard does not answer' }];
  if (shards.length === 0) return [{ name: 'witnesses', ok: true }];
  return shards.map(({ shard, faults }) => ({
    ...failed,
    subject: `shard ${shard}`,
    reason: faults.join(', '),
  }));
}

async function isOperator(headers: Headers, env: IssuerEnv): Promise<boolean> {
  const known = readOperatorDigest(env);
  return known !== undefined && isCredential(await credentialDigest(headers), known);
}
