import type { VNode } from 'preact';
import { Code, html, Note } from '../ui/index.ts';
import { type ProposedChange, takeProposedChange, withChange } from './proposed-change.ts';

/** A proposed change, and whether the draft has it. */
export interface Proposal extends ProposedChange {
  /** False if the active text has no place for it, so that a person must find one. */
  readonly isInDraft: boolean;
}

/** Puts the change that another page proposed into the draft, if there is one. */
export function takeIntoDraft(
  draft: Map<string, string>,
  texts: ReadonlyMap<string, string>,
): Proposal | undefined {
  const change = takeProposedChange();
  if (!change) return undefined;
  const text = draft.get(change.file) ?? texts.get(change.file);
  const changed = text === undefined ? undefined : withChange(text, change.diff);
  if (changed !== undefined) draft.set(change.file, changed);
  const { record, diff, warning } = change;
  const file = text === undefined ? ([...texts.keys()][0] ?? change.file) : change.file;
  return { record, file, diff, warning, isInDraft: changed !== undefined };
}

/** Says where the change of a draft comes from, and what it costs. */
export const ProposedNote = ({ proposal }: { readonly proposal: Proposal }): VNode => {
  const { record, diff, warning, isInDraft } = proposal;
  return html`<${Note} kind="wait">
    <b>${isInDraft ? 'This draft has the change that would allow a denied call. ' : 'The active policy has no place for the change that would allow a denied call. '}</b>
    ${isInDraft ? 'Nothing is active before you say so.' : 'It was proposed for an older version. Put it in by hand, if you want it:'}
    ${!isInDraft && html`<${Code} diff text=${diff.map(({ sign, text }) => `${sign}${text}`).join('\n')} />`}
    ${warning !== undefined && html`<p>${warning}</p>`}
    <p class="small">The denied call: record <code>${record}</code>.</p>
  <//>`;
};
