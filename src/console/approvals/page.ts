import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { UnixMilliseconds } from '../../clock.ts';
import { FaultNote, Shown, useFrame, useLoaded, useNow } from '../frame/index.ts';
import { Card, Empty, html, PageHead } from '../ui/index.ts';
import { AnswerForm } from './answer-form.ts';
import { AnswersCard } from './answers-card.ts';
import { AnsweredCard, InboxItem } from './inbox.ts';
import { type Approval, answerGiven, loadApproval, loadApprovals, shownQuestion } from './load.ts';
import { type OwnPasskeys, PasskeyCard, usePasskeys } from './passkey-card.ts';
import { ProposalsCard } from './proposals-card.ts';
import { approvalState, hasChanged, type Seen } from './question.ts';
import { QuestionCard } from './question-card.ts';
import { useAnswer } from './use-answer.ts';

/** The inbox of what agents may not do unless a person says yes. */
export function ApprovalsPage(): VNode {
  const { address } = useFrame();
  const [id] = address.rest;
  const loaded = useLoaded('approvals', loadApprovals);
  const passkeys = usePasskeys();
  return html`<div>
    <${PageHead}
      title="Approvals"
      lead="What agents may not do unless a person says yes. An answer covers exactly what is shown, once."
    />
    ${id !== undefined && html`<p class="crumb back"><a href="#/approvals">All approvals</a></p>`}
    <div class=${id === undefined ? undefined : 'off-phone'}>
      <${PasskeyCard} passkeys=${passkeys} />
      <${ProposalsCard} />
    </div>
    <${Shown} loaded=${loaded} what="the approvals">
      ${({ approvals, pending }: { approvals: readonly Approval[]; pending: number }) =>
        html`<${Inbox}
          approvals=${approvals}
          pending=${pending}
          picked=${id}
          passkeys=${passkeys}
        />`}
    <//>
    <div class=${id === undefined ? 'answers' : 'answers off-phone'}><${AnswersCard} /></div>
  </div>`;
}

interface InboxProps {
  readonly approvals: readonly Approval[];
  readonly pending: number;
  readonly picked: string | undefined;
  readonly passkeys: OwnPasskeys;
}

function Inbox({ approvals, pending, picked, passkeys }: InboxProps): VNode {
  const now = useNow();
  const shown = picked ?? approvals[0]?.id;
  return html`<div class=${picked === undefined ? 'cols inboxed' : 'cols inboxed picked'}>
    <${Card} title=${`Waiting (${pending})`}>
      ${
        approvals.length > 0
          ? html`<ul class="inbox">
              ${approvals.map(
                (one) => html`<${InboxItem}
                  key=${one.id}
                  question=${shownQuestion(one)}
                  state=${approvalState(one.state, one.asked, now)}
                  isPicked=${one.id === shown}
                />`,
              )}
            </ul>`
          : html`<p class="pad muted">Nothing waits for a person.</p>`
      }
      ${
        pending > approvals.length &&
        html`<p class="pad hint">These are the oldest ${approvals.length}.</p>`
      }
    <//>
    <div>
      ${
        shown === undefined
          ? html`<section class="card">
              <${Empty} title="Nothing waits for an answer">
                <p>When an agent asks for more than its workflow may do, the question appears here.</p>
              <//>
            </section>`
          : html`<${Question} key=${shown} id=${shown} now=${now} passkeys=${passkeys} />`
      }
    </div>
  </div>`;
}

interface QuestionProps {
  readonly id: string;
  readonly now: UnixMilliseconds;
  readonly passkeys: OwnPasskeys;
}

function Question({ id, now, passkeys }: QuestionProps): VNode {
  const loaded = useLoaded(`approval ${id}`, () => loadApproval(id));
  return html`<${Shown} loaded=${loaded} what="the question">
    ${(approval: Approval) =>
      html`<${OneQuestion}
        approval=${approval}
        now=${now}
        passkeys=${passkeys}
        onAnswered=${loaded.reload}
      />`}
  <//>`;
}

interface OneQuestionProps {
  readonly approval: Approval;
  readonly now: UnixMilliseconds;
  readonly passkeys: OwnPasskeys;
  readonly onAnswered: () => void;
}

function OneQuestion({ approval, now, passkeys, onAnswered }: OneQuestionProps): VNode {
  const { session } = useFrame();
  const { id, digest, state, asked } = approval;
  const question = shownQuestion(approval);
  const [seen, setSeen] = useState<Seen>({ id, digest });
  const answer = useAnswer(question, passkeys, onAnswered);
  useEffect(() => setSeen({ id, digest }), [id]);
  if (state !== 'pending') {
    const given = answerGiven(approval);
    return html`<${AnsweredCard}
      question=${question}
      state=${approvalState(state, asked, now)}
      answer=${given}
    />`;
  }
  const isChanged = hasChanged(seen, { id, digest });
  return html`<${QuestionCard}
    question=${question}
    now=${now}
    isChanged=${isChanged}
    onRead=${() => setSeen({ id, digest })}
  >
    ${
      answer.waits
        ? html`<${FaultNote} fault=${answer.waits} what="the answer" />`
        : html`<${AnswerForm}
            mayAnswer=${question.mayAnswer === true}
            isChanged=${isChanged}
            isSending=${answer.isSending}
            withPasskey=${passkeys.isRequired}
            needsTwo=${session.twoPeople.includes('approve')}
            fault=${answer.fault}
            onAnswer=${answer.send}
          />`
    }
  <//>`;
}
