import { questionDigest, questionText } from '../../approval/index.ts';
import { type ADMIN_API, APPROVAL_ID, type RouteAnswer } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';

/** One approval request, as the issuer shows it. */
export type Approval = RouteAnswer<typeof ADMIN_API.approvals.showApproval>;

/**
 * Computes the digest here, from the question that is shown here: neither the issuer nor anyone
 * between can show one question and have another one approved.
 */
export async function computeDigest({ question }: Approval): Promise<string> {
  return questionDigest(questionText(question as never));
}

/** Reads the id of one approval request. */
export function readApprovalId(operands: readonly string[]): Result<string, string> {
  const [id, ...more] = operands;
  return id !== undefined && more.length === 0 && APPROVAL_ID.test(id)
    ? ok(id)
    : refuse('name one approval request by its ID: hewn approvals list shows it');
}
