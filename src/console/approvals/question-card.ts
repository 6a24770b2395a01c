import type { VNode } from 'preact';
import type { UnixMilliseconds } from '../../clock.ts';
import { type AsOf, asOfWords } from '../as-of.ts';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { span } from '../time.ts';
import { type Content, Facts, html, Note, Pill, Term, When } from '../ui/index.ts';
import { newWords, type QuestionLine, tagClass, tagWord } from './question.ts';

/** A question to a person, as the page shows it. */
export interface ShownQuestion {
  readonly id: string;
  readonly digest: string;
  readonly title: string;
  readonly agent: string;
  readonly subject: string;
  readonly owner?: string | undefined;
  readonly workflow?: string | undefined;
  readonly task: string;
  readonly isStepUp: boolean;
  readonly askedAt: UnixMilliseconds;
  readonly endsAt: UnixMilliseconds;
  readonly lines: readonly QuestionLine[];
  /** Which state of the issuer it was read from. */
  readonly asOf?: AsOf | undefined;
  readonly cameFrom?: string | undefined;
  readonly lastAnswer?: string | undefined;
  /** The policy rules that allow it, and where they stand. */
  readonly rules: readonly { readonly rule: string; readonly place: string }[];
  /** True, or why this person may not answer. */
  readonly mayAnswer: true | string;
}

/** Exactly what is asked, line by line. What is new is marked. */
export const QuestionLines = ({ lines }: { readonly lines: readonly QuestionLine[] }): VNode =>
  html`<ul class="diff" aria-label="Exactly what is asked">
    ${lines.map(
      ({ tag, name, value, source, label }, index) => html`<li key=${index} class=${tagClass(tag)}>
        <span class="tag">${tagWord(tag)}</span>
        <span class="body">
          <span class="muted">${name}: </span>${value}
          ${label !== undefined && html`<span> <${Pill}>${label}<//></span>`}
          ${source !== undefined && html`<span class="sub">from ${source}</span>`}
        </span>
      </li>`,
    )}
  </ul>`;

/** The facts beside a question that help to answer it. */
const QuestionFacts = ({ question }: { readonly question: ShownQuestion }): VNode => {
  const { lines, isStepUp, cameFrom, lastAnswer, rules, digest, asOf, askedAt } = question;
  const facts: readonly (readonly [Content, Content] | false)[] = [
    ['New', newWords(lines, isStepUp)],
    cameFrom !== undefined && ['Where it came from', cameFrom],
    ['Last time', lastAnswer ?? 'Nothing like this was asked before.'],
    rules.length > 0 && [
      'Allowed by',
      html`<div>
        ${rules.map(({ rule, place }) => html`<div key=${rule}><code>${rule}</code> <span class="small muted">${place}</span></div>`)}
      </div>`,
    ],
    [
      html`<${Term} word="digest">Digest<//>`,
      html`<span><code>${digest.slice(0, 12)}</code>. Your answer carries all of it.</span>`,
    ],
  ];
  return html`<div class="pad lined">
    <${Facts} facts=${facts.filter(Boolean)} />
    ${asOf && html`<p class="hint">${asOfWords(asOf, askedAt)}</p>`}
  </div>`;
};

interface QuestionCardProps {
  readonly question: ShownQuestion;
  readonly now: UnixMilliseconds;
  readonly isChanged: boolean;
  /** Called when the person has read the question that it changed to. */
  readonly onRead: () => void;
  /** The form of the answer. */
  readonly children?: Content;
}

/** One question: what is asked, what helps to answer, and the answer. */
export const QuestionCard = ({
  question,
  now,
  isChanged,
  onRead,
  children,
}: QuestionCardProps): VNode => {
  const { title, agent, subject, workflow, task, mayAnswer } = question;
  return html`<section class="card" aria-label=${title}>
    <header>
      <h2>${title}</h2>
      <span class="small muted num">ends by itself in ${span(question.endsAt - now)}</span>
      <p>
        Asked at <${When} at=${question.askedAt} now=${now} /> by${' '}
        <span title=${agent}>${shortIdentity(agent)}</span> for${' '}
        <span title=${subject}>${subjectWords(subject)}</span>, in${' '}
        ${workflow === undefined ? `a new workflow, “${task}”` : html`<a href=${`#/w/${workflow}`}>${task}</a>`}.
      </p>
    </header>
    ${
      isChanged &&
      html`<div class="pad notes">
        <${Note} kind="stop">
          <b>The question has changed since you opened it. </b>Read it again before you answer.
          <div>
            <button type="button" class="btn" onClick=${onRead}>I have read the new question</button>
          </div>
        <//>
      </div>`
    }
    ${mayAnswer !== true && html`<div class="pad notes"><${Note} kind="unknown">${mayAnswer}<//></div>`}
    <${QuestionLines} lines=${question.lines} />
    <${QuestionFacts} question=${question} />
    ${children}
  </section>`;
};
