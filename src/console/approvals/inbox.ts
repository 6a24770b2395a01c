import type { VNode } from 'preact';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { Facts, html, Pill, State, Term } from '../ui/index.ts';
import type { ShownState } from '../workflow-state.ts';
import { QuestionLines, type ShownQuestion } from './question-card.ts';

interface InboxItemProps {
  readonly question: ShownQuestion;
  readonly state: ShownState;
  readonly isPicked: boolean;
}

/** A question in the inbox. */
export const InboxItem = ({ question, state, isPicked }: InboxItemProps): VNode =>
  html`<li>
    <a href=${`#/approvals/${question.id}`} aria-current=${isPicked ? 'true' : undefined}>
      <b>${question.title}</b>
      <span class="sub">${shortIdentity(question.agent)} for ${subjectWords(question.subject)}</span>
      <span class="row small">
        <${State} kind=${state.mark}>${state.word}<//>
        ${question.mayAnswer !== true && html`<${Pill}>not yours<//>`}
      </span>
    </a>
  </li>`;

interface AnsweredCardProps {
  readonly question: ShownQuestion;
  readonly state: ShownState;
  readonly answer: { readonly by: string; readonly reason: string } | undefined;
}

/** A question that has its answer, or that ended without one. */
export const AnsweredCard = ({ question, state, answer }: AnsweredCardProps): VNode =>
  html`<section class="card" aria-label=${question.title}>
    <header>
      <h2>${question.title}</h2>
      <${State} kind=${state.mark}>${state.word}<//>
    </header>
    <${QuestionLines} lines=${question.lines} />
    <div class="pad lined">
      <${Facts}
        facts=${[
          ...(answer
            ? [
                ['Answered by', answer.by],
                ['Reason', answer.reason],
              ]
            : []),
          ...(question.cameFrom === undefined ? [] : [['Where it came from', question.cameFrom]]),
          ...(question.lastAnswer === undefined
            ? []
            : [['Another answer to this agent', question.lastAnswer]]),
          [
            'Covers',
            html`<span>what is shown, <${Term} word="digest" /> <code>${question.digest.slice(0, 12)}</code></span>`,
          ],
          ...(question.workflow === undefined
            ? []
            : [['Workflow', html`<a href=${`#/w/${question.workflow}`}>${question.task}</a>`]]),
        ]}
      />
    </div>
  </section>`;
