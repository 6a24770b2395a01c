import type { VNode } from 'preact';
import type { UnixMilliseconds } from '../../clock.ts';
import { clockTime, isoTime, moment } from '../time.ts';
import { html } from './html.ts';

interface WhenProps {
  readonly at: UnixMilliseconds;
  /** The day is shown as well, if it is not that of this moment. */
  readonly now?: UnixMilliseconds;
}

/** Shows a time as that of the reader, and has it in UTC for machines and on hovering. */
export const When = ({ at, now }: WhenProps): VNode => {
  const iso = isoTime(at);
  return html`<time datetime=${iso} title=${iso} class="num nowrap"
    >${now === undefined ? clockTime(at) : moment(at, now)}</time
  >`;
};
