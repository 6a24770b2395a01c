import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { UnixMilliseconds } from '../../clock.ts';
import type { MarkKind } from '../mark-kind.ts';
import { type Content, html, Mark, Term, When } from '../ui/index.ts';
import type { TimelineEvent } from './record-event.ts';

const MARKS: { readonly [Kind in TimelineEvent['kind']]: MarkKind } = {
  allowed: 'ok',
  denied: 'deny',
  unknown: 'unknown',
  stopped: 'stop',
  step: 'ended',
};

interface TimelineListProps {
  readonly events: readonly TimelineEvent[];
  readonly now: UnixMilliseconds;
  /** The event whose explanation is open from the start. */
  readonly openId: string | undefined;
  /** Draws the explanation of a denial. */
  readonly why: (event: TimelineEvent) => Content;
}

/** A list of events, oldest first: what happened, and of each denial why. */
export const TimelineList = ({ events, now, openId, why }: TimelineListProps): VNode =>
  html`<ol class="time">
    ${events.map(
      (event) => html`<li key=${event.id} class=${event.kind}>
        <span class="at"><${When} at=${event.at} now=${now} /></span>
        <span class="mark"><${Mark} kind=${MARKS[event.kind]} /></span>
        <div class="what"><${EventWords} event=${event} isOpen=${event.id === openId} why=${why} /></div>
      </li>`,
    )}
  </ol>`;

const PREFIX: { readonly [Kind in TimelineEvent['kind']]: string } = {
  allowed: 'Allowed: ',
  denied: 'Denied: ',
  unknown: 'Unknown effect: ',
  stopped: '',
  step: '',
};

interface EventWordsProps {
  readonly event: TimelineEvent;
  readonly isOpen: boolean;
  readonly why: (event: TimelineEvent) => Content;
}

function EventWords({ event, isOpen, why }: EventWordsProps): VNode {
  // The explanation is loaded when it is first opened: most denials are never opened.
  const [wasOpened, setOpened] = useState(isOpen);
  const words = html`<span class="say">
    <span class=${event.kind === 'denied' ? undefined : 'sr'}>${PREFIX[event.kind]}</span>${event.words}
  </span>`;
  if (event.code === undefined) return html`<div>${words}${aboutOf(event)}</div>`;
  const onToggle = (toggle: Event): void => {
    if ((toggle.currentTarget as HTMLDetailsElement).open) setOpened(true);
  };
  return html`<div>
    <details open=${isOpen} onToggle=${onToggle}>
      <summary>
        ${words}
        <span class="sub">
          ${event.message !== undefined && `${event.message} `}
          <span class="open"><span class="a">Why?</span><span class="b">Close</span></span>
        </span>
      </summary>
      ${wasOpened && why(event)}
    </details>
    ${event.kind !== 'denied' && aboutOf(event)}
  </div>`;
}

const aboutOf = ({ tool, datasets, effect, more, approval }: TimelineEvent): VNode =>
  html`<div>
    ${
      tool !== undefined &&
      html`<span class="sub"
        ><span class="mono">${tool}</span>${datasets && ` on ${datasets.join(', ')}`}</span
      >`
    }
    ${effect !== undefined && html`<span class="sub"><${Term} word="effect" />: ${effect}</span>`}
    ${more !== undefined && html`<span class="sub">${more}</span>`}
    ${
      approval !== undefined &&
      html`<span class="sub"><a href=${`#/approvals/${approval}`}>Show the question</a></span>`
    }
  </div>`;
