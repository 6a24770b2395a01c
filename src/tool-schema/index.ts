/**
 * What a model is shown of a tool: the schema of its arguments, reduced to what a catalogue and a
 * token allow, and the same in words. It is never narrower than what a verifier allows.
 */

export { projectSchema } from './project.ts';
export { coversDatasets, shownPrompt, viewFor } from './reach.ts';
export { shownTool } from './shown-tool.ts';
export { viewOf } from './view.ts';
export { requiredBy } from './words.ts';
