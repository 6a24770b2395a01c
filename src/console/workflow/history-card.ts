import type { VNode } from 'preact';
import { Card, html, Meter } from '../ui/index.ts';
import { historyRows } from './history-rows.ts';
import type { ShownWorkflow } from './load.ts';

/** The rules over history that bound the workflow, with what is used of each. */
export function HistoryCard({ workflow }: { readonly workflow: ShownWorkflow }): VNode | null {
  const rows = historyRows(workflow.history ?? []);
  if (rows.length === 0) return null;
  return html`<${Card} title="Limits over time" padded>
    ${rows.map(
      ({ name, part, text, words }) =>
        html`<div key=${name}>
          ${
            part === undefined
              ? html`<p><span>${name}</span> <span class="muted">${text}</span></p>`
              : html`<${Meter} name=${name} part=${part} text=${text} />`
          }
          <p class="hint">${words}</p>
        </div>`,
    )}
  <//>`;
}
