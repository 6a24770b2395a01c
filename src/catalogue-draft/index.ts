/**
 * Drafts a tool catalogue from the definitions of a live MCP server, compares a catalogue with the
 * server, and two listings of the server with each other.
 */
export { type Change, changesBetween } from './changes.ts';
export { type Finding, findMismatches } from './compare.ts';
export { type DraftedTool, draftTool } from './draft.ts';
export { findHiddenText } from './hidden-text.ts';
export { wordsOfChange } from './member-words.ts';
export { changedPins, findImpostors, repinned } from './pins.ts';
export { REVIEW_MARK, renderDraft } from './render.ts';
