import type { VNode } from 'preact';
import type { Fault } from '../frame/index.ts';
import { html } from '../ui/index.ts';

interface Place {
  readonly file?: unknown;
  readonly line?: unknown;
  readonly found?: unknown;
}

/** Where a draft does not load: each fault with its file and line. */
export const Faults = ({ fault }: { readonly fault: Fault }): VNode | null => {
  const faults = fault.kind === 'refused' ? fault.detail?.faults : undefined;
  if (!Array.isArray(faults)) return null;
  return html`<ul class="bounds">
    ${(faults as readonly Place[]).map(
      ({ file, line, found }) => html`<li>
        <span></span>
        <span>${String(found)}<span class="sub mono">${String(file)}${line !== undefined && `, line ${String(line)}`}</span></span>
      </li>`,
    )}
  </ul>`;
};
