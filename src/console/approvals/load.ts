import { toMilliseconds } from '../../clock.ts';
import { callIssuer } from '../frame/index.ts';
import { linesOfWords, questionTitle } from './question.ts';
import type { ShownQuestion } from './question-card.ts';

type Loaded = Extract<Awaited<ReturnType<typeof loadApproval>>, { readonly ok: true }>['value'];

/** A request for approval, as the issuer answers. */
export type Approval = Loaded;

export const loadApprovals = () => callIssuer('GET', '/approvals', {});

export const loadApproval = (id: string) => callIssuer('GET', '/approvals/:id', { params: { id } });

const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Returns a request as the page shows it. */
export function shownQuestion(approval: Approval): ShownQuestion {
  const { id, digest, question, asked, deadline, rules = [], came_from = [] } = approval;
  const { agent, subject, owner, task, workflow, stepUp } = question;
  return {
    id,
    digest,
    title: questionTitle(question),
    agent: text(agent) ?? 'an agent that is not known',
    subject: text(subject) ?? 'a subject that is not known',
    owner: text(owner),
    workflow: text(workflow),
    task: text(task) ?? 'a task without a name',
    isStepUp: stepUp !== undefined,
    askedAt: toMilliseconds(asked),
    endsAt: toMilliseconds(deadline),
    lines: linesOf(approval),
    asOf: approval.as_of,
    cameFrom: came_from.length > 0 ? came_from.join('. ') : undefined,
    lastAnswer: approval.last_answer?.words,
    rules: rules.map(({ rule, file, line }) => ({
      rule,
      place: [file, line !== undefined && `line ${line}`].filter(Boolean).join(', '),
    })),
    mayAnswer: approval.may_answer ?? true,
  };
}

/** An issuer of a release before has the question as plain lines only. */
const linesOf = ({ lines, words = [], question }: Approval): ShownQuestion['lines'] =>
  lines ?? linesOfWords(words, question.stepUp !== undefined);

/** Returns the answer of a request, if it has one. */
export function answerGiven({
  answer,
}: Approval): { readonly by: string; readonly reason: string } | undefined {
  const { by, reason } = answer ?? {};
  return typeof by === 'string' ? { by, reason: text(reason) ?? '' } : undefined;
}
