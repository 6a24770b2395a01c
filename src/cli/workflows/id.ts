import { WORKFLOW_ID } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** Reads the id of one workflow, of any shard, or of a child. */
export function readWorkflowId(operands: readonly string[]): Result<string, string> {
  const [id, ...more] = operands;
  return id !== undefined && more.length === 0 && WORKFLOW_ID.test(id)
    ? ok(id)
    : refuse('name one workflow by its ID, such as wf_7Qx...: hewn workflows list shows them');
}
