import { APPROVAL_KEPT_SECONDS, WORKFLOW_SECONDS_MAX } from '../limits.ts';
import type { Problem } from './operator-problems.ts';

/** Problems of a person who answers a question, and of an agent that asks about single calls. */
export const APPROVAL_PROBLEMS = {
  approval_unknown: {
    status: 404,
    message: 'No approval request has this id.',
    advice: `The id is wrong, or the request ended over ${APPROVAL_KEPT_SECONDS / 60} minutes ago.`,
  },
  digest_differs: {
    status: 409,
    message: 'The digest does not match this question.',
    advice: 'Run `hewn approvals show ID` again and decide on what it shows now.',
  },
  approval_ended: {
    status: 409,
    message: 'The request was already answered or used, or it has expired.',
    advice: 'The message names the state. The agent has to ask again.',
  },
  approver_is_agent: {
    status: 403,
    message: 'An agent cannot approve its own request.',
    advice: 'Set `by` to the name of the person who decided.',
  },
  until_invalid: {
    status: 400,
    message: `"until" must be in the future and at most ${WORKFLOW_SECONDS_MAX / 3_600} hours away.`,
    advice: 'Check the clock of the machine that sent the approval.',
  },
  call_not_approvable: {
    status: 403,
    message: 'The approval of a person would not allow this call.',
    advice:
      'The message says which call, and why. Ask only for a call whose capability accepts the source `approved` for the argument that was denied.',
  },
  approval_refused: {
    status: 403,
    message: 'A person refused.',
    advice: 'Do without the call. The same question stays refused for an hour.',
  },
  approval_void: {
    status: 409,
    message: 'This approval is not for these calls, or was collected already.',
    advice: 'Ask again without `approval`: the question has changed, or its answer was used.',
  },
  approvals_exhausted: {
    status: 429,
    message: 'Too many questions of this agent wait, or were asked within an hour.',
    advice: 'Wait until a person has answered some of them. Ask for several calls in one question.',
  },
  policy_unavailable: {
    status: 503,
    message: 'No version of policy and catalogue decides right now.',
    advice: 'Nothing was asked. Try again; the log of the issuer has the reason.',
  },
  approvals_off: {
    status: 503,
    message: 'This issuer has no key with which it approves single calls.',
    advice: 'Set the secret APPROVER_KEY, and add its public half to the head of the feed.',
  },
} as const satisfies Readonly<Record<string, Problem>>;
