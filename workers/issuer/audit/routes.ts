import type { IRequest } from 'itty-router';
import { findLogFault, findTrailFault } from '../../../src/audit/index.ts';
import { auditLog, type IssuerEnv } from '../platform/config.ts';
import { problem, readAfter } from '../platform/http.ts';
import { isWorkflowId } from '../workflow/id.ts';

/**
 * The audit trail of one workflow, or of everything; `fault` names the first record that is not
 * whole.
 */
export async function showAudit(request: IRequest, env: IssuerEnv): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const workflow = query.get('workflow') ?? undefined;
  const after = readAfter(query);
  if (after === undefined || (workflow !== undefined && !isWorkflowId(workflow))) {
    return problem(400, 'invalid_request', 'workflow is an id, after a position in the log.');
  }
  const filter = workflow === undefined ? { after } : { workflow, after };
  const records = await auditLog(env).read(filter);
  const fault =
    workflow === undefined ? await findLogFault(records, after) : await findTrailFault(records);
  return Response.json({ records, whole: fault === undefined, ...(fault && { fault }) });
}
