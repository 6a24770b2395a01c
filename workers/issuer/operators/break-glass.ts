import type { AdminRoute } from '../../../src/issuer-api/index.ts';
import type { Operator } from '../../../src/operators/index.ts';
import { report } from '../../../src/report.ts';
import { within } from '../../../src/within.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, operators } from '../platform/env.ts';
import { notify } from '../watchdog/notify.ts';

const RECORD_MILLISECONDS_MAX = 1_000;

/**
 * Raises the alarm for a use of the operator credential where operators sign in: it works without
 * the provider, and names no person. Nothing waits for the record for long, because the credential
 * is for the day on which everything else fails.
 */
export async function noteBreakGlass(
  env: IssuerEnv,
  { kind, name }: Operator,
  { method, path }: AdminRoute,
): Promise<void> {
  const isBreakGlass = kind === 'credential' && name === 'operator';
  if (!isBreakGlass || readConfig(env).directory?.credential !== 'break-glass') return;
  const route = `${method} ${path}`;
  report('operator.break_glass', { code: route });
  const recorded = operators(env).breakGlass({ actor: name, route });
  const data = { operator: name, method, path };
  const told = notify(env, { type: 'break_glass.used', data });
  await within(recorded, RECORD_MILLISECONDS_MAX).catch((error: unknown) => {
    report('operator.break_glass_unrecorded', { code: route, why: String(error) });
  });
  await within(told, RECORD_MILLISECONDS_MAX).catch(() => undefined);
}
