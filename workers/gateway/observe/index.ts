/**
 * Calls of routes that only observe: which are made although they would be denied, with whose
 * credential, and what their records say about where they came from.
 */
export { observedCaller, ownCredential } from './caller.ts';
export { meantTool, modeOf } from './mode.ts';
export { isPassable, observedStop } from './passable.ts';
export { SourceNames } from './source-names.ts';
