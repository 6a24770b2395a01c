import type { VNode } from 'preact';
import { clockTime, span } from '../time.ts';
import { type Content, Empty, html, Note } from '../ui/index.ts';
import type { Fault } from './api.ts';
import type { Loaded } from './context.ts';
import { issuerNow } from './issuer-clock.ts';
import type { Live } from './live.ts';
import { SignedOut } from './signed-out.ts';
import { waitsWords } from './waits.ts';

export const NoSuchPage = (): VNode =>
  html`<section class="card">
    <${Empty} title="There is no such page" heading="h1">
      <p>The address may be cut off. The id of a workflow begins with wf, and is 35 characters long.</p>
      <a class="btn" href="#/now">To Now</a>
    <//>
  </section>`;

/** Says what is not live, since when, and what still holds without the issuer. */
export const Offline = ({ live }: { readonly live: Live }): VNode | null => {
  if (live.mode !== 'failing' || live.failingSince === undefined) return null;
  const wait = Math.max(0, (live.nextTry ?? 0) - issuerNow());
  return html`<${Note} kind="deny">
    <b>Not updated since ${clockTime(live.failingSince)}. </b>
    ${live.why} The next try is in ${span(wait)}. What you see may be old.
    Verifiers decide by themselves, and refuse when their head is too old.
  <//>`;
};

/** Says why there is no answer. None of these looks like an empty list. */
export const FaultNote = ({
  fault,
  what,
}: {
  readonly fault: Fault;
  readonly what: string;
}): VNode => {
  switch (fault.kind) {
    case 'signed_out':
      return html`<${SignedOut} />`;
    case 'not_for_your_role':
      return html`<section class="card">
        <${Empty} title=${`Your role does not show ${what}`}>
          <p>${fault.message} ${rolesOf(fault)}</p>
        <//>
      </section>`;
    case 'not_found':
      return html`<section class="card">
        <${Empty} title="Not found"><p>${fault.message}</p><//>
      </section>`;
    case 'refused':
      return html`<${Note} kind="deny"
        ><b>${fault.message}</b> <code>${fault.code}</code><//
      >`;
    case 'waits':
      return html`<${Note} kind="wait"
        ><b>It waits for a second person. </b>${waitsWords(fault)}${' '}
        <a href="#/approvals">Orders that wait</a><//
      >`;
    case 'unreachable':
      return html`<${Note} kind="deny"
        ><b>${fault.message}</b> This is not an empty list: ${what} could not be asked for.<//
      >`;
  }
};

function rolesOf(fault: Fault & { readonly kind: 'not_for_your_role' }): string {
  const { needs } = fault.detail ?? {};
  if (!Array.isArray(needs) || needs.length === 0) return '';
  return `It needs one of these roles: ${needs.join(', ')}. An administrator can give it.`;
}

interface ShownProps<Value> {
  readonly loaded: Loaded<Value>;
  /** What is loaded, in the plural: "workflows". */
  readonly what: string;
  /** A template also has the spaces around the function. */
  readonly children: Render<Value> | readonly (Render<Value> | string)[];
}

type Render<Value> = (value: Value) => Content;

/** Shows what was loaded, the old content while it loads again, or why there is none. */
export function Shown<Value>({ loaded, what, children }: ShownProps<Value>): VNode {
  const { value, fault } = loaded;
  if (value === undefined) {
    if (fault !== undefined) return html`<${FaultNote} fault=${fault} what=${what} />`;
    return html`<p class="muted loading" role="status">Loading ${what}…</p>`;
  }
  const render = [children].flat().find((child) => typeof child === 'function');
  return html`<div class="shown">
    ${fault !== undefined && html`<${FaultNote} fault=${fault} what=${what} />`} ${render?.(value)}
  </div>`;
}
