import type { IRequest } from 'itty-router';
import { findLogFault, findTrailFault } from '../../../src/audit/index.ts';
import { AUDIT_RECORDS_PER_PAGE_MAX } from '../../../src/limits.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';
import { problem, readAfter } from '../platform/http.ts';
import { isWorkflowId } from '../workflow/id.ts';

const FORM = `workflow is an id, after a position in the log, limit 1 to ${AUDIT_RECORDS_PER_PAGE_MAX}.`;

/**
 * The audit trail of one workflow, or of everything, a page at a time: `next` is what to go on
 * with, as `after`, until a page is empty. `fault` names the first record of it that is not whole.
 */
export async function showAudit(request: IRequest, env: IssuerEnv): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const workflow = query.get('workflow') ?? undefined;
  const after = readAfter(query);
  const limit = readLimit(query);
  const isNamed = workflow === undefined || isWorkflowId(workflow);
  if (after === undefined || limit === undefined || !isNamed) {
    return problem(400, 'invalid_request', FORM);
  }
  const filter = { after, limit, ...(workflow !== undefined && { workflow }) };
  const records = await auditLog(env).read(filter);
  const fault =
    workflow === undefined ? await findLogFault(records, after) : await findTrailFault(records);
  const next = records.at(-1)?.seq;
  return Response.json({
    records,
    whole: fault === undefined,
    ...(fault && { fault }),
    ...(next !== undefined && { next }),
  });
}

function readLimit(query: URLSearchParams): number | undefined {
  const text = query.get('limit') ?? String(AUDIT_RECORDS_PER_PAGE_MAX);
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= AUDIT_RECORDS_PER_PAGE_MAX ? limit : undefined;
}
