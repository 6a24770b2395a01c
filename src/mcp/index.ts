/** For MCP servers of the official SDKs: judges each call, and filters the list of tools. */
export type { McpServerLike } from './guard-server.ts';
export type { OpenMessage } from './judge.ts';
export { type McpAuthInfo, scopeOf } from './judged.ts';
export type { McpDataset, McpOptions, McpReads, McpTool } from './options.ts';
export {
  type McpHandler,
  type McpHandlerOptions,
  type McpProtection,
  protectMcp,
} from './protect-mcp.ts';
