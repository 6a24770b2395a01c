import { ok, type Result, refuse } from '../../result.ts';

/** An id as the issuer gives it out; whatever else would be a path of its own. */
export function readWorkflowId(positionals: readonly string[]): Result<string, string> {
  const [id, ...more] = positionals;
  return id !== undefined && more.length === 0 && /^wf_[\w-]{8,61}$/.test(id)
    ? ok(id)
    : refuse('name one workflow by its ID, which the audit trail has: wf_...');
}
