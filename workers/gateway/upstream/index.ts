/**
 * Sends requests to the servers behind the gateway. Every transport sends through it: it checks the
 * address, holds the limits, and decides which headers leave.
 */
export { answerFaultOf } from './answer.ts';
export { CallerSigner } from './caller.ts';
export { type UpstreamError, upstreamErrorOf } from './error.ts';
export { ofTool } from './of-tool.ts';
export type { CallCredential, CallerFacts, Upstream, UpstreamRequest } from './upstream.ts';
export { createUpstreams, type Upstreams } from './upstreams.ts';
