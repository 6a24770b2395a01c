/** Drafts the policy that a catalogue suggests: every line with its reason, and cases for it. */
export { draftCases } from './cases.ts';
export { type DraftedStatement, draftPolicy } from './draft.ts';
export { renderDraftedPolicy } from './render.ts';
