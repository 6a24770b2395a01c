import {
  type ApprovalQuestion,
  questionDigest,
  questionText,
} from '../../../src/approval/index.ts';
import type { MintApproval } from '../../../src/audit/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { approvals, type IssuerEnv } from '../platform/env.ts';
import { newApprovalId } from './id.ts';
import type { ApprovalRefusal } from './state.ts';

/** An approval, and the exact question that it answers. */
export interface GivenApproval extends MintApproval {
  /** Canonical text, to compare with the question of the request that is minted. */
  readonly question: string;
}

/**
 * Asks a person, or polls for their answer if the request brings the id of a question. `question`
 * is made from this request and the current policy. If either has changed since the person looked,
 * its digest differs and the answer does not count.
 */
export async function askPerson(
  question: ApprovalQuestion,
  id: string | undefined,
  env: IssuerEnv,
): Promise<Result<GivenApproval, ApprovalRefusal>> {
  const text = questionText(question);
  const digest = await questionDigest(text);
  const { agent, subject, owner, task, workflow, audience, grants, stepUp, holder } = question;
  if (id !== undefined) {
    const answer = await approvals(env).poll({ id, agent, digest });
    return answer.ok ? ok({ id, digest, question: text, ...answer.value }) : answer;
  }
  const asked = await approvals(env).ask({
    id: newApprovalId(),
    digest,
    question: text,
    who: { agent, subject, owner, task, ...(workflow !== undefined && { workflow }) },
    what: {
      audience,
      grants,
      ...(stepUp && { stepUp }),
      ...(holder !== undefined && { holder }),
    },
  });
  return refuse(asked.ok ? { code: 'approval_pending', ...asked.value } : asked.error);
}
