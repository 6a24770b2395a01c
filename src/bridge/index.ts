/**
 * Between an MCP client and a gateway: passes on the messages of an unpatched client, and heals
 * what the client cannot. The side of a run holds the capability; the side of the agent knows a
 * socket.
 */
export { type BridgeEndpoint, openBridgeEndpoint } from './endpoint.ts';
export { joinSocket } from './join-socket.ts';
export { Relay } from './relay.ts';
export { type OpenRelay, serveLines } from './serve-lines.ts';
export { type BridgeSocket, openBridgeSocket } from './socket.ts';
export type { RelayedUse, Use, Widened, WiderUse } from './use.ts';
