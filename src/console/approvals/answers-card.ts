import type { VNode } from 'preact';
import type { ADMIN_API, RouteAnswer } from '../../issuer-api/index.ts';
import { addressOf, callIssuer, Shown, useLoaded, useNow } from '../frame/index.ts';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { readIso } from '../time.ts';
import { Card, html, type Row, State, Table, When } from '../ui/index.ts';

type Answers = RouteAnswer<typeof ADMIN_API.approvals.listAnswers>;
type Given = Answers['answers'][number];

const loadAnswers = () => callIssuer('GET', '/answers', {});

/** What people answered within the last day: the approval page is not the memory of one person. */
export function AnswersCard(): VNode {
  const loaded = useLoaded('answers', loadAnswers);
  return html`<${Card}
    title="Answered within a day"
    hint=${html`What one person approves again and again stands in <a href="#/policy">Policy</a>, with a rule for it.`}
  >
    <${Shown} loaded=${loaded} what="the answers">
      ${(value: Answers) => html`<${AnswerTable} value=${value} />`}
    <//>
  <//>`;
}

function AnswerTable({ value }: { readonly value: Answers }): VNode {
  const now = useNow();
  const { answers, complete } = value;
  if (answers.length === 0) return html`<p class="pad muted">No one has answered a question.</p>`;
  return html`<div>
    <${Table}
      label="Answered within a day"
      heads=${['Question', 'Answer', 'By', 'Reason', { text: 'When', right: true }]}
      rows=${answers.map((one, index) => rowOf(one, index, now))}
    />
    ${!complete && html`<p class="more">Only the newest ${answers.length}. The trail has all of them.</p>`}
  </div>`;
}

function rowOf(given: Given, index: number, now: number): Row {
  const { approval, decision, by, reason, agent, subject, task, workflow } = given;
  const at = readIso(given.at) ?? now;
  const who = [agent && shortIdentity(agent), subject && `for ${subjectWords(subject)}`];
  const words = task ?? 'a task without a name';
  return {
    key: `${approval} ${index}`,
    cells: [
      {
        wide: true,
        content: html`${
          workflow === undefined
            ? html`<b>${words}</b>`
            : html`<a class="title" href=${addressOf('w', [workflow])}>${words}</a>`
        }<span class="sub">${who.filter(Boolean).join(' ')}</span>`,
      },
      decision === 'approve'
        ? html`<${State} kind="ok">approved<//>`
        : html`<${State} kind="stop">refused<//>`,
      { name: 'by', content: by ?? 'a person whose name was erased' },
      { wide: true, content: reason === undefined ? '' : html`“${reason}”` },
      {
        right: true,
        content: html`<a href=${addressOf('approvals', [approval])}><${When} at=${at} now=${now} /></a>`,
      },
    ],
  };
}
