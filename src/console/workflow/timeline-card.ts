import type { VNode } from 'preact';
import { toMilliseconds, type UnixMilliseconds } from '../../clock.ts';
import { filteredBy, type Loaded, Shown, useFrame, useLoaded } from '../frame/index.ts';
import { clockTime } from '../time.ts';
import { Card, html, Tabs } from '../ui/index.ts';
import { isOver } from '../workflow-state.ts';
import { type Explanation, ExplanationParts } from './explanation.ts';
import { loadExplanation, RECORDS_MAX, type ShownWorkflow } from './load.ts';
import { eventOf, type TimelineEvent } from './record-event.ts';
import type { RecordsRead } from './records-read.ts';
import { Strip } from './strip.ts';
import { narrowEvents, type Only, withoutDecided } from './timeline.ts';
import { TimelineList } from './timeline-list.ts';

const CHOICES: readonly (readonly [Only, string])[] = [
  ['', 'All'],
  ['denied', 'Denied'],
  ['effects', 'Effects'],
];

interface TimelineCardProps {
  readonly workflow: ShownWorkflow;
  readonly read: Loaded<RecordsRead>;
  readonly now: UnixMilliseconds;
}

/** Everything that a workflow did, with its effects, and why it was denied. */
export function TimelineCard({ workflow, read, now }: TimelineCardProps): VNode {
  const { address } = useFrame();
  const given = address.query.get('only') ?? '';
  const only = CHOICES.find(([name]) => name === given)?.[0] ?? '';
  const tabs = CHOICES.map(([name, text]) => ({
    text,
    href: filteredBy(address, { only: name }),
    isCurrent: name === only,
  }));
  return html`<${Card}
    title="What happened"
    aside=${html`<${Tabs} label="Which calls" tabs=${tabs} />`}
  >
    <${Shown} loaded=${read} what="its records">
      ${({ records, isWhole }: RecordsRead) => {
        const events = withoutDecided(records).flatMap((record) => eventOf(record) ?? []);
        const begin = Math.min(toMilliseconds(workflow.startedAt), events[0]?.at ?? Infinity);
        const last = events.at(-1)?.at ?? now;
        const end = isOver(workflow.state) ? last : Math.max(now, last);
        return html`<div>
          ${
            events.length > 1 &&
            html`<${Strip}
              events=${events}
              from=${begin}
              to=${end}
              ends=${[clockTime(begin), isOver(workflow.state) ? clockTime(end) : 'now']}
            />`
          }
          <${TimelineList}
            events=${narrowEvents(events, only)}
            now=${now}
            openId=${address.query.get('why') ?? undefined}
            why=${(event: TimelineEvent) => html`<${Why} key=${event.id} event=${event} />`}
          />
          ${events.length === 0 && html`<p class="pad muted">Nothing is recorded of it yet.</p>`}
          ${
            !isWhole &&
            html`<p class="pad hint">
              These are the first ${RECORDS_MAX} records.${' '}
              <a href=${`#/trail?q=${encodeURIComponent(workflow.id)}`}>The trail</a> has all of them.
            </p>`
          }
        </div>`;
      }}
    <//>
  <//>`;
}

/** The explanation of one denial, which is loaded when it is opened. */
function Why({ event }: { readonly event: TimelineEvent }): VNode {
  const loaded = useLoaded(`why ${event.id}`, () => loadExplanation(event.id));
  return html`<${Shown} loaded=${loaded} what="the explanation">
    ${(explanation: Explanation) =>
      html`<${ExplanationParts} event=${event} explanation=${explanation} />`}
  <//>`;
}
