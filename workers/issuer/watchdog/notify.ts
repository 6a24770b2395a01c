import type { Notice } from '../../../src/notices/index.ts';
import { report } from '../../../src/report.ts';
import { readConfig } from '../platform/config.ts';
import { type IssuerEnv, watchdog } from '../platform/env.ts';

/**
 * Hands a notice to the watchdog, which delivers it. Never rejects, and nothing waits for it: a
 * notice explains what has happened already. Without targets it does nothing.
 */
export async function notify(env: IssuerEnv, notice: Notice): Promise<void> {
  try {
    if (readConfig(env).notices.length === 0) return;
    await watchdog(env).tell(notice);
  } catch (error) {
    report('notices.lost', { code: notice.type, why: String(error) });
  }
}
