import type { DecisionRecord } from '../../../src/audit/index.ts';
import { type DeniedCall, type Explanation, explainDenial } from '../../../src/explain/index.ts';
import { ADMIN_API } from '../../../src/issuer-api/index.ts';
import { ok, refuse } from '../../../src/result.ts';
import { asOf } from '../feed/as-of.ts';
import { type BoundRoutes, bindAdmin } from '../platform/admin-router.ts';
import type { IssuerEnv } from '../platform/env.ts';
import { searchLogs } from '../search/search.ts';
import type { DeployedPolicy } from '../version/deployed-policy.ts';
import { readKnown } from './known.ts';

/** Returns the routes that explain decisions by the version that decided. */
export const createExplanationRoutes = (
  deployed: DeployedPolicy,
): BoundRoutes<(typeof ADMIN_API)['explanations']> =>
  bindAdmin(ADMIN_API.explanations, {
    explainDecision: async ({ params: { id } }, { env }) => {
      const record = await findDecision(env, id);
      if (!record) return refuse({ code: 'record_unknown' });
      const { at, workflow, tool, allowed, code } = record;
      const denied = code === undefined ? undefined : callOf(record, code);
      const explanation: Explanation | undefined =
        denied && explainDenial(denied, await readKnown(env, record, deployed));
      return ok({
        as_of: await asOf(env),
        id,
        at: new Date(at).toISOString(),
        ...(workflow !== undefined && { workflow }),
        ...(tool !== undefined && { tool }),
        allowed,
        ...explanation,
      });
    },
  });

async function findDecision(env: IssuerEnv, id: string): Promise<DecisionRecord | undefined> {
  const found = await searchLogs(env, { filter: { where: { id, event: 'decision' } }, limit: 1 });
  const [record] = found.records.map((one) => one.record);
  return record?.event === 'decision' ? record : undefined;
}

/** Members of an erased person are missing, and long ones are digests. */
function callOf(record: DecisionRecord, code: string): DeniedCall {
  const { workflow, agent, tool, action, datasets, detail, head } = record;
  return {
    code,
    workflow,
    action,
    ...(typeof agent === 'string' && { agent }),
    ...(typeof tool === 'string' && { tool }),
    ...(Array.isArray(datasets) && { datasets }),
    ...(typeof detail === 'object' && { detail }),
    ...(head && { headAgeSeconds: head.ageSeconds }),
  };
}
