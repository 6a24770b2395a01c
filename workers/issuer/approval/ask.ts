import {
  type ApprovalQuestion,
  type CallQuestion,
  questionDigest,
  questionText,
} from '../../../src/approval/index.ts';
import type { MintApproval } from '../../../src/audit/index.ts';
import { ok, type Result, refuse } from '../../../src/result.ts';
import { approvals, type IssuerEnv } from '../platform/env.ts';
import type { QuestionRequest } from './binding.ts';
import { approvedCallId, newApprovalId } from './id.ts';
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
export function askPerson(
  question: ApprovalQuestion,
  id: string | undefined,
  env: IssuerEnv,
): Promise<Result<GivenApproval, ApprovalRefusal>> {
  const { audience, grants, stepUp, holder } = question;
  const what = {
    audience,
    grants,
    ...(stepUp && { stepUp }),
    ...(holder !== undefined && { holder }),
  };
  return askOrPoll(question, () => what, id, env);
}

/** Does the same for single calls. `digests` are those of the arguments of each call, in hex. */
export function askAboutCalls(
  question: CallQuestion,
  digests: readonly string[],
  id: string | undefined,
  env: IssuerEnv,
): Promise<Result<GivenApproval, ApprovalRefusal>> {
  const { audience, calls, holder } = question;
  const grants = calls.flatMap(({ tool, action, dataset }) =>
    dataset.map((one) => ({ tool, action, dataset: one })),
  );
  const what = (approval: string) => ({
    audience,
    grants,
    calls: calls.map(({ tool }, index) => ({
      id: approvedCallId(approval, index),
      tool,
      request: digests[index] ?? '',
    })),
    ...(holder !== undefined && { holder }),
  });
  return askOrPoll(question, what, id, env);
}

async function askOrPoll(
  question: ApprovalQuestion | CallQuestion,
  what: (approval: string) => QuestionRequest['what'],
  id: string | undefined,
  env: IssuerEnv,
): Promise<Result<GivenApproval, ApprovalRefusal>> {
  const text = questionText(question);
  const digest = await questionDigest(text);
  const { agent, subject, owner, task, workflow } = question;
  if (id !== undefined) {
    const answer = await approvals(env).poll({ id, agent, digest });
    return answer.ok ? ok({ id, digest, question: text, ...answer.value }) : answer;
  }
  const drawn = newApprovalId();
  const asked = await approvals(env).ask({
    id: drawn,
    digest,
    question: text,
    who: { agent, subject, owner, task, ...(workflow !== undefined && { workflow }) },
    what: what(drawn),
  });
  return refuse(asked.ok ? { code: 'approval_pending', ...asked.value } : asked.error);
}
