/** Serves stdio MCP servers over HTTP, for the gateway of `hewn dev`. */
export { type SeenCall, type StdioServers, startStdioServers } from './serve.ts';
