/** For an API in a Node server: `protect`, and the parts that it is made of. */
export { floorFile } from './floor-file.ts';
export { type ListenerOptions, listener } from './listener.ts';
export { type NodeProtection, type NodeProtectOptions, protect } from './protect.ts';
