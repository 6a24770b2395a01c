/**
 * Coding agents and desktop programs that speak MCP: where each has its configuration, in which
 * form, and how it is handed servers for one run.
 */
export {
  CLIENT_NAMES,
  type Client,
  type OneRun,
  type Places,
  type RunSettings,
  type Scope,
} from './client.ts';
export { collidingTools } from './collisions.ts';
export {
  type HttpEntry,
  isStdio,
  type ServerEntries,
  type ServerEntry,
  type StdioEntry,
} from './entry.ts';
export { forOneRun } from './for-one-run.ts';
export { editEntries, editTable, readEntries } from './formats/index.ts';
export { ownServers } from './own-servers.ts';
export { CLIENTS, clientOfCommand } from './table.ts';
