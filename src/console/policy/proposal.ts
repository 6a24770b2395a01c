import { fillBlank } from './blank.ts';
import { type ProposedChange, takeProposedChange, withChange } from './proposed-change.ts';

/** A proposed change, and how far the draft has it. */
export interface Proposal extends ProposedChange {
  readonly file: string;
  /** `no place`: the active text has none for it, so that a person must find one. */
  readonly standing: 'in draft' | 'blank' | 'no place';
}

type Texts = ReadonlyMap<string, string>;

/** Puts the change that another page proposed into the draft, if there is one and it is whole. */
export function takeIntoDraft(draft: Map<string, string>, texts: Texts): Proposal | undefined {
  const change = takeProposedChange();
  return change && putIntoDraft(change, draft, texts);
}

/** Puts a change into the draft, unless it has a blank. */
function putIntoDraft(change: ProposedChange, draft: Map<string, string>, texts: Texts): Proposal {
  const [first = ''] = texts.keys();
  const named = change.file ?? first;
  const text = draft.get(named) ?? texts.get(named);
  const changed = text === undefined ? undefined : withChange(text, change.diff);
  const file = text === undefined ? first : named;
  if (changed === undefined) return { ...change, file, standing: 'no place' };
  if (change.blank) return { ...change, file, standing: 'blank' };
  draft.set(named, changed);
  return { ...change, file, standing: 'in draft' };
}

/** Fills the blank and puts the change into the draft. Undefined if it does not take the value. */
export function fillIntoDraft(
  { blank, standing: _, ...change }: Proposal,
  given: string,
  draft: Map<string, string>,
  texts: Texts,
): Proposal | undefined {
  const diff = blank && fillBlank(change.diff, blank, given);
  return diff && putIntoDraft({ ...change, diff }, draft, texts);
}
