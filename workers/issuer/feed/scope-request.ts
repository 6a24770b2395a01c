import type { WatermarkScope } from '../../../src/feed/index.ts';
import type { Refusal } from '../../../src/issuer-api/index.ts';
import { report } from '../../../src/report.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { breaker, type IssuerEnv, readConfig, revocationLog } from '../platform/config.ts';
import { publicHex } from '../platform/keys.ts';
import { issuerPolicy, issuerTools } from '../token/policy.ts';
import { asOrdered, describeFault, type KnownNames, resolveScope } from './resolve-scope.ts';

/** Whom an operator names, and how much of it lives. */
export interface ScopeMatches {
  /** Workflows that are known to live. */
  readonly living: number;
  /** RFC 3339: until then a token that names it may live; null where none is out. */
  readonly named_until: string | null;
}

interface Named<Scope extends WatermarkScope> {
  readonly scope: Scope;
  readonly value: string;
}

async function knownNames(env: IssuerEnv): Promise<KnownNames> {
  const { issuer, identityIssuers, audiences, publishedKeys } = readConfig(env);
  const keys = await Promise.all(
    publishedKeys.map(async ({ id, key }) => [String(id), await publicHex(key)] as const),
  );
  return {
    self: issuer,
    identityIssuers,
    audiences,
    keys: new Map(keys),
    tools: issuerTools(),
    owners: issuerPolicy()?.owners,
  };
}

/**
 * Returns the scope as tokens spell it. A name that no token can have is refused, because a stop by
 * that name would be acknowledged and stop nothing. A name of a living token is accepted: an issuer
 * or a tool may have left the configuration before its tokens ended.
 */
export async function nameScope<Scope extends WatermarkScope>(
  env: IssuerEnv,
  order: Named<Scope>,
  evenUnknown: boolean,
): Promise<Result<Named<Scope>, Refusal<'invalid_request' | 'scope_unknown'>>> {
  const known = await knownNames(env);
  const resolved = resolveScope(order, known);
  if (resolved.ok) return ok({ scope: order.scope, value: resolved.value });
  const message = describeFault(resolved.error, known);
  const value = asOrdered(order, resolved.error);
  if (value === undefined) return refuse({ code: 'invalid_request', message });
  const named = { scope: order.scope, value };
  if (evenUnknown || (await revocationLog(env).namedUntil(named)) !== undefined) return ok(named);
  return refuse({ code: 'scope_unknown', message });
}

/** The same for taking something back: what was ordered under an unknown name has that spelling. */
export async function spellScope<Scope extends WatermarkScope>(
  env: IssuerEnv,
  order: Named<Scope>,
): Promise<Result<Named<Scope>, Refusal<'invalid_request'>>> {
  const named = await nameScope(env, order, true);
  if (named.ok) return named;
  return refuse({ ...named.error, code: 'invalid_request' });
}

/** Null where it cannot be read now: what stops has stopped by then, and no count may undo that. */
export async function matchesOf(
  env: IssuerEnv,
  named: Named<WatermarkScope>,
): Promise<ScopeMatches | null> {
  try {
    const [living, until] = await Promise.all([
      breaker(env).living(named),
      revocationLog(env).namedUntil(named),
    ]);
    return {
      living,
      named_until: until === undefined ? null : new Date(until * 1000).toISOString(),
    };
  } catch (error) {
    report('matches.unavailable', { why: error instanceof Error ? error.message : typeof error });
    return null;
  }
}
