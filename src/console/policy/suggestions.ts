import type { VNode } from 'preact';
import { callIssuer, Shown, useLoaded, useNow } from '../frame/index.ts';
import { Card, Code, html, When } from '../ui/index.ts';
import { proposeChange } from './proposed-change.ts';
import { type ShownSuggestion, type Suggestion, shownSuggestion } from './suggestion.ts';

/** What one person approves again and again, with a rule for it. A person decides what is right. */
export function Suggestions(): VNode {
  const loaded = useLoaded('suggestions', () => callIssuer('GET', '/approvals/suggestions', {}));
  const now = useNow(60_000);
  return html`<${Card}
    title="Approved again and again"
    hint="What the same person approved at least three times for the same agent, tool and value, with a line that would ask no more. Nothing changes by itself."
  >
    <${Shown} loaded=${loaded} what="the suggestions">
      ${({ suggestions }: { suggestions: readonly Suggestion[] }) =>
        suggestions.length === 0
          ? html`<p class="pad muted">Nothing was approved three times by one person.</p>`
          : html`<ul class="suggestions">
              ${suggestions.map((one) => {
                const shown = shownSuggestion(one);
                return html`<${Item} key=${shown.key} shown=${shown} now=${now} />`;
              })}
            </ul>`}
    <//>
  <//>`;
}

const Item = ({ shown, now }: { readonly shown: ShownSuggestion; readonly now: number }): VNode => {
  const { title, argument, value, answered, last, line, change } = shown;
  return html`<li class="pad">
    <p>
      <b>${title}</b>
      <span class="sub">
        Argument <code>${argument}</code>${
          value === undefined
            ? ', with a value that the issuer no longer has'
            : html`, with the value <code>${value}</code>`
        }
      </span>
    </p>
    <p class="small">${answered}, the last time <${When} at=${last} now=${now} />.</p>
    <${Code} text=${line} />
    <p>
      <a class="btn" href="#/policy/draft" onClick=${() => proposeChange(change)}>Try it in a draft</a>
    </p>
  </li>`;
};
