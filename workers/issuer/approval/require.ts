import {
  type ApprovalQuestion,
  questionDigest,
  questionText,
} from '../../../src/approval/index.ts';
import type { MintApproval } from '../../../src/audit/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { approvals, type IssuerEnv } from '../platform/config.ts';
import type { TokenRefusal } from '../token/refusal.ts';
import { newApprovalId } from './id.ts';

/** By which a capability may be minted: the answer, and the very question that it answers. */
export interface GivenApproval extends MintApproval {
  /** Canonical text: what is minted is compared with it. */
  readonly question: string;
}

/**
 * Asks a person, or takes the answer where the request brings the id of the question. The question
 * is the one that this request and the policy of this moment make: where either has changed since
 * the person looked, its digest is another one and the answer does not count.
 */
export async function requireApproval(
  asked: ApprovalQuestion,
  id: string | undefined,
  env: IssuerEnv,
): Promise<Result<GivenApproval, TokenRefusal>> {
  const question = questionText(asked);
  const digest = await questionDigest(question);
  const { agent, subject, owner, task, workflow, audience, grants, stepUp, holder } = asked;
  if (id === undefined) {
    const waits = await approvals(env).ask({
      id: newApprovalId(),
      digest,
      question,
      who: { agent, subject, owner, task, ...(workflow !== undefined && { workflow }) },
      what: {
        audience,
        grants,
        ...(stepUp && { stepUp }),
        ...(holder !== undefined && { holder }),
      },
    });
    return refuse(waits.ok ? { code: 'approval_pending', ...waits.value } : waits.error);
  }
  const answer = await approvals(env).poll({ id, agent, digest });
  return answer.ok ? ok({ id, digest, question, ...answer.value }) : answer;
}
