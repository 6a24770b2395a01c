import type { Check } from '../examine.ts';
import { unasked } from './keys.ts';

/** Time enough to export and start over: docs/reference/audit-log.md. */
const WARN_PERCENT = 80;

export const auditCheck: Check = {
  name: 'audit',
  advice: 'docs/reference/audit-log.md, "When it fills", says what to do before mints stop.',
  run: async ({ status }) => {
    const asked = await status();
    if (!asked.ok) return [unasked(asked.error)];
    const subject = 'audit log';
    const { audit } = asked.value;
    if (!audit)
      return [{ subject, status: 'fail', detail: 'did not answer: nothing can be minted' }];
    const { records, bytes, traffic_bytes_max: most } = audit;
    const percent = Math.floor((100 * bytes) / most);
    const detail = `${records} records, ${percent} % full`;
    if (percent >= 100) return [{ subject, status: 'fail', detail }];
    return [{ subject, status: percent >= WARN_PERCENT ? 'warn' : 'ok', detail }];
  },
};
