import type { VNode } from 'preact';
import type { MarkKind } from '../mark-kind.ts';
import { html } from './html.ts';

type Colour = 'ok' | 'deny' | 'wait' | 'stop' | 'muted';

const COLOURS: Readonly<Record<MarkKind, Colour>> = {
  ok: 'ok',
  run: 'ok',
  deny: 'deny',
  wait: 'wait',
  stop: 'stop',
  pause: 'wait',
  ended: 'muted',
  unknown: 'muted',
};

const SHAPES: Readonly<Record<MarkKind, () => VNode>> = {
  ok: () => html`<circle cx="6" cy="6" r="4.5" class="fill" />`,
  run: () =>
    html`<g><circle cx="6" cy="6" r="4.2" class="line" /><circle cx="6" cy="6" r="1.8" class="fill" /></g>`,
  deny: () => html`<path d="M6 .4 11.6 6 6 11.6.4 6z" class="fill" />`,
  wait: () => html`<path d="M6 1.3 11.3 10.7H.7z" class="line" />`,
  stop: () => html`<rect x="1.5" y="1.5" width="9" height="9" rx="1" class="fill" />`,
  pause: () => html`<path d="M3.5 1.5v9M8.5 1.5v9" class="thick" />`,
  ended: () => html`<circle cx="6" cy="6" r="4.2" class="line" />`,
  unknown: () => html`<path d="M2 6h8" class="thick" />`,
};

/** Shows the shape of a state. It is decoration: a word must say the same. */
export const Mark = ({ kind }: { readonly kind: MarkKind }): VNode =>
  html`<svg viewBox="0 0 12 12" aria-hidden="true" class=${`mark-shape ${COLOURS[kind]}`}>${SHAPES[kind]()}</svg>`;

/** Returns the class that colours what stands beside a mark. */
export const colourOf = (kind: MarkKind): string => COLOURS[kind];

/** Shows a state as a shape and a word. */
export const State = ({
  kind,
  children,
}: {
  readonly kind: MarkKind;
  readonly children?: unknown;
}): VNode =>
  html`<span class=${`state ${COLOURS[kind]}`}><${Mark} kind=${kind} /><span>${children}</span></span>`;
