import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, watchdog } from '../platform/env.ts';

/** The deployments that this isolate has started the watchdog of. */
const started = new WeakSet<object>();

/**
 * Starts the watchdog with the first request of an isolate, which does not wait for it. Where there
 * is no cron trigger, nothing else starts it after its alarm was lost.
 */
export function startWatchdog(_request: unknown, env: IssuerEnv, ctx: ExecutionContext): void {
  const config = readConfig(env);
  if (started.has(config)) return;
  started.add(config);
  ctx.waitUntil(wakeWatchdog(env));
}

/** Sets the alarm of the watchdog, if it has anything to do. Never rejects. */
export async function wakeWatchdog(env: IssuerEnv): Promise<void> {
  try {
    const { drill, notices } = readConfig(env);
    if (drill.everySeconds === undefined && notices.length === 0) return;
    await watchdog(env).start();
  } catch (error) {
    report('watchdog.failed', { why: String(error) });
  }
}
