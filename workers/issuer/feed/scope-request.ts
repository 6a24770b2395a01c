import type { WatermarkScope } from '../../../src/feed/index.ts';
import type { Refusal } from '../../../src/issuer-api/index.ts';
import type { About } from '../../../src/operators/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { publicHex } from '../../../src/signing-keys.ts';
import { within } from '../../../src/within.ts';
import { countLiving } from '../log/control-logs.ts';
import { readConfig } from '../platform/config.ts';
import { breaker, type IssuerEnv, revocationLog } from '../platform/env.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { describeFault, type KnownNames, resolveScope, unresolvedValue } from './resolve-scope.ts';

/** How much of a scope is alive. */
export interface ScopeMatches {
  /** Number of workflows that are known to be alive. */
  readonly living: number;
  /** When the last token that names it has ended, in RFC 3339; null if no token names it. */
  readonly named_until: string | null;
}

interface Named<Scope extends WatermarkScope> {
  readonly scope: Scope;
  readonly value: string;
}

/** What an order on a scope is about, for the limits of an operator. */
export function aboutScope({ scope, value }: Named<WatermarkScope>): About {
  if (scope === 'owner') return { owner: value };
  return scope === 'tool' ? { tool: value } : {};
}

/** A stop does not wait for the names of the policy: without them, any name counts as known. */
const NAMES_MILLISECONDS_MAX = 1_000;

async function knownNames(env: IssuerEnv, deployed: DeployedPolicy): Promise<KnownNames> {
  const { issuer, identityIssuers, audiences, publishedKeys } = readConfig(env);
  const keys = await Promise.all(
    publishedKeys.map(async ({ id, key }) => [String(id), await publicHex(key)] as const),
  );
  const inForce = await within(deployed.load(env), NAMES_MILLISECONDS_MAX).catch(() => undefined);
  return {
    self: issuer,
    identityIssuers,
    audiences,
    keys: new Map(keys),
    tools: inForce?.tools,
    owners: inForce?.policy.owners,
  };
}

/**
 * Returns the scope as tokens spell it. A name that no token can have is refused, because a stop by
 * that name would be acknowledged and stop nothing. A name of a living token is accepted: an issuer
 * or a tool may have left the configuration before its tokens ended.
 */
export async function nameScope<Scope extends WatermarkScope>(
  env: IssuerEnv,
  deployed: DeployedPolicy,
  requested: Named<Scope>,
  evenUnknown: boolean,
): Promise<Result<Named<Scope>, Refusal<'invalid_request' | 'scope_unknown'>>> {
  const known = await knownNames(env, deployed);
  const resolved = resolveScope(requested, known);
  if (resolved.ok) return ok({ scope: requested.scope, value: resolved.value });
  const message = describeFault(resolved.error, known);
  const value = unresolvedValue(requested, resolved.error);
  if (value === undefined) return refuse({ code: 'invalid_request', message });
  const named = { scope: requested.scope, value };
  if (evenUnknown || (await revocationLog(env).namedUntil(named)) !== undefined) return ok(named);
  return refuse({ code: 'scope_unknown', message });
}

/** The same for a withdrawal or a lift, which accepts a name that was set as unknown. */
export async function spellScope<Scope extends WatermarkScope>(
  env: IssuerEnv,
  deployed: DeployedPolicy,
  requested: Named<Scope>,
): Promise<Result<Named<Scope>, Refusal<'invalid_request'>>> {
  const named = await nameScope(env, deployed, requested, true);
  if (named.ok) return named;
  return refuse({ ...named.error, code: 'invalid_request' });
}

/** Returns null if the counts cannot be read. By then the scope is stopped, so this is no error. */
export async function matchesOf(
  env: IssuerEnv,
  named: Named<WatermarkScope>,
): Promise<ScopeMatches | null> {
  try {
    const [before, living, until] = await Promise.all([
      breaker(env).livingBefore(named),
      countLiving(env, named),
      revocationLog(env).namedUntil(named),
    ]);
    return {
      living: before + living,
      named_until: until === undefined ? null : new Date(until * 1000).toISOString(),
    };
  } catch (error) {
    report('matches.unavailable', { why: error instanceof Error ? error.message : typeof error });
    return null;
  }
}
