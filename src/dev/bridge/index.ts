/** Serves stdio MCP servers over HTTP, for the gateway of `hewn dev`. */
export { type Bridge, type SeenCall, startBridge } from './bridge.ts';
