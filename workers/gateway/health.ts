import { readClock } from '../../src/clock.ts';
import { ConfigurationFault } from '../../src/configuration-fault.ts';
import { answerReady, type ReadyCheck, RememberedChecks } from '../../src/health/index.ts';
import { report } from '../../src/report.ts';
import { ok, type Result, refuse } from '../../src/result.ts';
import { TIERS } from '../../src/verifier/index.ts';
import type { GatewayEnv } from './config.ts';
import type { Gateway } from './gateway.ts';

/**
 * With an older head the gateway must ask the log for each call, and denies it without an answer.
 */
const READY_HEAD_SECONDS_MAX = TIERS[1].headSecondsMax;

type GatewayFor = (env: GatewayEnv) => Promise<Gateway>;

/**
 * `/readyz`: answers without a token, for load balancers and monitors. It names the check that
 * fails and the variable at fault. The gateway has no operator credential, so the reason is only in
 * its log.
 */
export function createReadyRoute(gatewayFor: GatewayFor) {
  const remembered = new RememberedChecks<GatewayEnv>((env) => check(gatewayFor, env));
  return async ({ headers }: Request, env: GatewayEnv): Promise<Response> => {
    const gateway = await assembled(gatewayFor, env);
    // The limits are part of the configuration. Without one, the remembered checks are the bound.
    const allowance = gateway.ok
      ? await gateway.value.rates.takeSource(headers, readClock())
      : ok(null);
    if (allowance.ok) return answerReady(await remembered.of(env));
    const { retryAfterSeconds } = allowance.error;
    return Response.json(
      { error: 'rate_limited' },
      { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } },
    );
  };
}

async function check(gatewayFor: GatewayFor, env: GatewayEnv): Promise<readonly ReadyCheck[]> {
  const gateway = await assembled(gatewayFor, env);
  if (!gateway.ok) {
    const { variable, message } = gateway.error;
    report('misconfigured', { code: variable, variable, message });
    return [{ name: 'configuration', ok: false, variable }];
  }
  const { feeds, catalogues, upstreams } = gateway.value;
  const isFresh = await feeds.areWithin(READY_HEAD_SECONDS_MAX);
  // Without a head, it is unknown which catalogue must be here.
  const judging = feeds.zero.head && (await catalogues.judging());
  return [
    { name: 'configuration', ok: true },
    { name: 'feed', ok: isFresh },
    ...(judging ? [{ name: 'catalogue', ok: judging.isCurrent } as const] : []),
    ...upstreams.unavailable().map(({ name: subject, ...variable }) => {
      return { name: 'upstream', ok: false, isPartial: true, subject, ...variable } as const;
    }),
  ];
}

async function assembled(
  gatewayFor: GatewayFor,
  env: GatewayEnv,
): Promise<Result<Gateway, ConfigurationFault>> {
  try {
    return ok(await gatewayFor(env));
  } catch (error) {
    if (error instanceof ConfigurationFault) return refuse(error);
    throw error;
  }
}
