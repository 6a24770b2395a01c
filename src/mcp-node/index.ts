/** For MCP servers of the official SDKs in Express 5 or on Node's HTTP server. */
export { mcpMiddleware, type NodeMcpRequest } from './mcp-middleware.ts';
