/** What the bench of the mint measures: two servers, and one client for both. */
export { type Client, createClient, type Prepared } from './client.ts';
export type { Contender, Operation } from './contender.ts';
export { mintedBy, operationsOf, startHewn } from './hewn.ts';
export { startPeer } from './peer.ts';
export {
  type Attributed,
  attributed,
  RecordingVerifier,
} from './records.ts';
export { freePort, type Scene, type SceneOptions, startScene } from './scene.ts';
