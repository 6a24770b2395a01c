import { findLogFault, findTrailFault } from '../../../src/audit/index.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok } from '../../../src/result.ts';
import { readMerged } from '../log/merged.ts';
import { bindAdmin } from '../platform/admin-router.ts';

export const auditRoutes = bindAdmin(ADMIN_API.audit, {
  showAudit: async ({ query: { workflow, mode, after, limit } }, { env }) => {
    const only = { ...(workflow !== undefined && { workflow }), ...(mode && { mode }) };
    const records = await readMerged(env, { after, limit, ...only });
    const isWhole = workflow === undefined && mode === undefined;
    const fault = isWhole ? await findLogFault(records, after) : await findTrailFault(records);
    const next = records.at(-1)?.seq;
    return ok({
      records,
      whole: fault === undefined,
      ...(fault && { fault }),
      ...(next !== undefined && { next }),
    });
  },
});
