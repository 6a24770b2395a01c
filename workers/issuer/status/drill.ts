import type { IssuerConfig } from '../platform/config.ts';
import { type IssuerEnv, watchdog } from '../platform/env.ts';
import { ask } from './parts.ts';

/** An hour, one each minute in one shard. */
const RUNS_SHOWN = 60;

/** Returns the newest runs of the scheduled drill. Returns null if none is scheduled. */
export async function drillOf(env: IssuerEnv, { drill }: IssuerConfig) {
  if (drill.everySeconds === undefined) return null;
  const status = await ask(async () => await watchdog(env).drill(RUNS_SHOWN));
  const runs = (status?.runs ?? []).toReversed();
  const bound = drill.boundSeconds * 1_000;
  return {
    bound_ms: bound,
    runs: runs.map(({ at, verdict, milliseconds = null }) => ({
      at: new Date(at).toISOString(),
      verdict,
      // A verifier that reported without the stop is in no time of the others.
      ms: verdict === 'late' && (milliseconds ?? 0) <= bound ? null : milliseconds,
    })),
  };
}
