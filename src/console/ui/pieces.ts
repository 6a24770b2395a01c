import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { escapeHidden } from '../../escape-hidden.ts';
import type { MarkKind } from '../mark-kind.ts';
import { type Content, html } from './html.ts';
import { colourOf, Mark } from './marks.ts';

interface Inner {
  readonly children?: Content;
}

/** The heading of a page. It also names the window. */
export function PageHead({
  title,
  lead,
  crumb,
  children,
}: Inner & { readonly title: string; readonly lead?: Content; readonly crumb?: Content }): VNode {
  useEffect(() => {
    // No template writes the title of the window.
    document.title = escapeHidden(`${title} · Hewn console`);
  }, [title]);
  return html`<div class="head">
    <div>
      ${crumb && html`<p class="crumb">${crumb}</p>`}
      <h1 tabindex="-1">${title}</h1>
      ${lead && html`<p>${lead}</p>`}
    </div>
    ${children && html`<div class="row">${children}</div>`}
  </div>`;
}

interface CardProps extends Inner {
  /** The section is named by it, unless `label` names it. */
  readonly title?: Content;
  readonly label?: string;
  readonly hint?: Content;
  readonly aside?: Content;
  readonly id?: string;
  /** Adds space around the content, for anything but tables and lists. */
  readonly padded?: boolean;
}

export const Card = ({ title, label, hint, aside, id, padded, children }: CardProps): VNode =>
  html`<section
    class=${padded && !title ? 'card pad' : 'card'}
    id=${id}
    aria-label=${label ?? (typeof title === 'string' ? title : undefined)}
  >
    ${title && html`<header><h2>${title}</h2>${aside}${hint && html`<p>${hint}</p>`}</header>`}
    ${padded && title ? html`<div class="pad">${children}</div>` : children}
  </section>`;

/** Says something about the page. Assistive technology reads it when it appears. */
export const Note = ({ kind, children }: Inner & { readonly kind: MarkKind }): VNode =>
  html`<div class=${`note ${colourOf(kind)}`} role=${kind === 'unknown' ? undefined : 'status'}>
    <${Mark} kind=${kind} />
    <div>${children}</div>
  </div>`;

/** Stands where a page or a list has nothing to show, and says what to do about it. */
export const Empty = ({
  title,
  children,
  heading = 'h2',
}: Inner & { readonly title: string; readonly heading?: 'h1' | 'h2' }): VNode =>
  html`<div class="empty">
    <${heading} tabindex=${heading === 'h1' ? -1 : undefined}>${title}<//>
    ${children}
  </div>`;

/** A part of a whole, from 0 to 1. The text beside it says the same in numbers. */
const Bar = ({ part, label }: { readonly part: number; readonly label: string }): VNode => {
  const percent = Math.round(Math.min(1, Math.max(0, part)) * 100);
  return html`<span
    class=${part > 0.8 ? 'bar high' : 'bar'}
    role="meter"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${percent}
    ><span style=${{ width: `${percent}%` }}></span
  ></span>`;
};

/** A name, a bar, and the numbers that it stands for. */
export const Meter = ({
  name,
  part,
  text,
}: {
  readonly name: string;
  readonly part: number;
  readonly text: string;
}): VNode =>
  html`<div class="budget">
    <div><span>${name}</span><span class="muted num">${text}</span></div>
    <${Bar} part=${part} label=${`${name}: ${text}`} />
  </div>`;

export interface Stat {
  readonly label: Content;
  readonly kind?: MarkKind;
  readonly value: Content;
  readonly more?: Content;
  readonly href?: string;
}

/** A row of numbers. A number that leads somewhere is a link. */
export const Stats = ({ stats }: { readonly stats: readonly Stat[] }): VNode =>
  html`<div class="stats">
    ${stats.map(
      ({ label, kind, value, more, href }) => html`<${href ? 'a' : 'div'} href=${href}>
        <span class="k">${kind && html`<${Mark} kind=${kind} />`}${label}</span>
        <span class="v num">${value}</span>
        <span class="d">${more}</span>
      <//>`,
    )}
  </div>`;

/** Names and values, one below the other, or side by side where `wide`. */
export const Facts = ({
  facts,
  wide,
}: {
  readonly facts: readonly (readonly [name: Content, value: Content])[];
  readonly wide?: boolean;
}): VNode =>
  html`<dl class=${wide ? 'facts wide' : 'facts'}>
    ${facts.map(([name, value]) =>
      wide
        ? html`<div><dt>${name}</dt><dd>${value}</dd></div>`
        : [html`<dt>${name}</dt>`, html`<dd>${value}</dd>`],
    )}
  </dl>`;

export const Pill = ({ fresh, children }: Inner & { readonly fresh?: boolean }): VNode =>
  html`<span class=${fresh ? 'pill new' : 'pill'}>${children}</span>`;

/** Source text, a line at a time. In a diff, a line is marked by its first character. */
export const Code = ({ text, diff }: { readonly text: string; readonly diff?: boolean }): VNode =>
  html`<pre class="code" tabindex="0" aria-label=${diff ? 'Difference' : 'Source'}>${text
    .split('\n')
    .map((line) => {
      if (diff && line.startsWith('+')) return html`<ins>${line || ' '}</ins>`;
      if (diff && line.startsWith('-')) return html`<del>${line || ' '}</del>`;
      return html`<span class="line">${line || ' '}</span>`;
    })}</pre>`;

/** Bars of a short series beside its number, and so hidden from assistive technology. */
export const Spark = ({
  values,
  denied = [],
}: {
  readonly values: readonly number[];
  readonly denied?: readonly number[];
}): VNode => {
  const top = Math.max(1, ...values);
  return html`<svg
    class="spark"
    viewBox=${`0 0 ${values.length * 5} 18`}
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${values.map((value, index) => {
      const height = value > 0 ? Math.max(2, (value / top) * 17) : 1;
      return html`<rect
        x=${index * 5}
        y=${18 - height}
        width="3.6"
        height=${height}
        class=${denied[index] ? 'x' : undefined}
      />`;
    })}
  </svg>`;
};

export interface Tab {
  readonly text: string;
  readonly href: string;
  readonly isCurrent: boolean;
  readonly count?: number | undefined;
}

/** Links that filter a list or choose a view. */
export const Tabs = ({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly Tab[];
}): VNode =>
  html`<nav class="tabs" aria-label=${label}>
    ${tabs.map(
      ({ text, href, isCurrent, count }) => html`<a
        href=${href}
        aria-current=${isCurrent ? 'true' : undefined}
        >${text}${count === undefined ? '' : html`<span class="n num">${count}</span>`}</a
      >`,
    )}
  </nav>`;
