import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { shortIdentity, subjectWords } from '../identity-words.ts';
import { span } from '../time.ts';
import {
  type Head,
  html,
  Mark,
  numberText,
  type Row,
  Spark,
  State,
  shortId,
  Term,
} from '../ui/index.ts';
import { actorWords } from '../workflow/record-event.ts';
import { shownState } from '../workflow-state.ts';
import { filterHref, type NowFilter } from './filter.ts';
import type { ListedWorkflow } from './load.ts';

export const WORKFLOW_HEADS: readonly Head[] = [
  'Task, agent and subject',
  'State',
  'Owner',
  { text: html`<${Term} word="tier">Tier<//>`, right: true },
  { text: 'Began', right: true },
  'Last hour',
  { text: 'Calls', right: true },
  { text: html`<${Term} word="denial">Denials<//>`, right: true },
];

/** One row of the list; a card on a phone. */
export function workflowRow(
  row: ListedWorkflow,
  {
    now,
    filter,
    isFresh,
  }: { readonly now: UnixMilliseconds; readonly filter: NowFilter; readonly isFresh: boolean },
): Row {
  const { mark, word } = shownState(row.state, row.waiting);
  const { agent = 'an agent that is not known', subject, owner, recent = [], denials = 0 } = row;
  return {
    key: row.id,
    fresh: isFresh,
    cells: [
      {
        wide: true,
        content: html`<div>
          <a class="title" href=${`#/w/${row.id}`}>${row.task ?? 'A task that was erased'}</a>
          <span class="sub">
            <span title=${agent}>${shortIdentity(agent)}</span> for${' '}
            <span title=${subject}>${subject === undefined ? 'an erased subject' : subjectWords(subject)}</span>
          </span>
        </div>`,
      },
      html`<div>
        <${State} kind=${mark}>${word}<//>
        ${row.by !== undefined && html`<span class="sub nowrap">by ${actorWords(row.by)}</span>`}
      </div>`,
      {
        deskOnly: true,
        content: html`<div>
          ${owner !== undefined && html`<a href=${filterHref(filter, { owner })}>${owner.replace(/^team:/, '')}</a>`}
          <span class="sub mono nowrap">${shortId(row.id)}</span>
        </div>`,
      },
      { deskOnly: true, right: true, content: row.tier === undefined ? '' : String(row.tier) },
      {
        right: true,
        name: 'began',
        content: html`<span class="nowrap">${span(now - toMilliseconds(row.started), 'coarse')}<span class="sr"> ago</span></span>`,
      },
      {
        deskOnly: true,
        content: html`<${Spark}
          values=${recent.map(([calls]) => calls)}
          denied=${recent.map(([, denied]) => denied)}
        />`,
      },
      { right: true, name: 'calls', content: row.calls === undefined ? '' : numberText(row.calls) },
      {
        right: true,
        name: 'denials',
        content:
          denials > 0
            ? html`<span class="state deny"><${Mark} kind="deny" />${numberText(denials)}</span>`
            : html`<span class="muted">0</span>`,
      },
    ],
  };
}
