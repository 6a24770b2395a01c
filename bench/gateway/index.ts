/** What the bench of the gateway measures: our gateway, a plain Worker, the upstream, and peers. */
export { load } from './load.ts';
export { oursTarget, TARGET_CALL } from './ours.ts';
export { startExpressGateway, startMcpProxy } from './peers.ts';
export { startOurs, startPlain, startUpstream } from './scene.ts';
export type { Call, Target } from './targets.ts';
