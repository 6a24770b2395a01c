import type { VNode } from 'preact';
import type { UnixMilliseconds } from '../../clock.ts';
import { html } from '../ui/index.ts';
import type { TimelineEvent } from './record-event.ts';
import { type StripMark, stripMarks, stripWords } from './timeline.ts';

interface StripProps {
  readonly events: readonly TimelineEvent[];
  readonly from: UnixMilliseconds;
  readonly to: UnixMilliseconds;
  /** What stands at both ends. */
  readonly ends: readonly [string, string];
}

/**
 * The whole run at a glance: one mark for each event, by time. The list below has each in words.
 */
export const Strip = ({ events, from, to, ends }: StripProps): VNode =>
  html`<div class="strip pad">
    <svg viewBox="0 0 960 46" preserveAspectRatio="none" role="img" aria-label=${stripWords(events)}>
      <line class="grid" x1="0" x2="960" y1="23" y2="23" />
      ${stripMarks(events, { from, to }).map((mark) => barOf(mark))}
    </svg>
    <p class="small muted">
      <span>${ends[0]}</span><span>allowed above the line, denied below</span><span>${ends[1]}</span>
    </p>
  </div>`;

const PLACES: { readonly [Kind in TimelineEvent['kind']]: readonly [y: number, height: number] } = {
  allowed: [8, 14],
  denied: [24, 20],
  unknown: [2, 20],
  stopped: [2, 42],
  step: [2, 20],
};

function barOf({ id, at, kind }: StripMark): VNode {
  const [y, height] = PLACES[kind];
  const x = 12 + at * 936 - 3;
  return html`<rect key=${id} class=${`bar-${kind}`} x=${x} y=${y} width="6" height=${height} />`;
}
