/**
 * Coding agents and desktop programs that speak MCP: where each has its configuration, in which
 * form, and how it is handed servers for one run.
 */
export { CLIENT_NAMES, type OneRun, type RunSettings } from './client.ts';
export { collidingTools } from './collisions.ts';
export type { ServerEntries } from './entry.ts';
export { forOneRun } from './for-one-run.ts';
export { CLIENTS, clientOfCommand } from './table.ts';
