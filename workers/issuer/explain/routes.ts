import type { DecisionRecord } from '../../../src/audit/index.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { bindAdmin } from '../platform/admin-router.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { searchLogs } from '../search/search.ts';

export const explanationRoutes = bindAdmin(ADMIN_API.explanations, {
  explainDecision: async ({ params: { id } }, { env }) => {
    const record = await findDecision(env, id);
    if (!record) return refuse({ code: 'record_unknown' });
    const { at, workflow, tool, allowed } = record;
    return ok({
      id,
      at: new Date(at).toISOString(),
      ...(workflow !== undefined && { workflow }),
      ...(tool !== undefined && { tool }),
      allowed,
    });
  },
});

async function findDecision(env: IssuerEnv, id: string): Promise<DecisionRecord | undefined> {
  const found = await searchLogs(env, { filter: { where: { id } }, limit: 1 });
  const [record] = found.records.map((one) => one.record);
  return record?.event === 'decision' ? record : undefined;
}
