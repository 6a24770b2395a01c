/** What a verifier in a Node server has beside it: a memory on disk, and a listener. */
export { floorFile } from './floor-file.ts';
export { type ListenerOptions, listener } from './listener.ts';
