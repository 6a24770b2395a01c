import { type LogName, logsBaseOf, originOf } from '../../../src/audit/index.ts';
import { tryReadConfig } from '../platform/config.ts';
import type { IssuerEnv } from '../platform/env.ts';

/** Returns which generation of origins the logs of a deployment have; undefined for the first. */
export function generationOf(env: IssuerEnv): number | undefined {
  const config = tryReadConfig(env);
  return config.ok ? config.value.audit.generation : undefined;
}

/** Returns the origin of a log of this deployment. */
export const originIn = (env: IssuerEnv, log: LogName): string =>
  originOf(logsBaseOf(env.ISSUER, generationOf(env)), log);
