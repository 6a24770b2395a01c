/** For a verifier in a Node server: the floor of its feed on disk, and a listener. */
export { floorFile } from './floor-file.ts';
export { type ListenerOptions, listener } from './listener.ts';
