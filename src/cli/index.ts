/** The `hewn` command, and the key file that it shares with the local scene. */
export type { Surroundings } from './command.ts';
export type { KeyFile } from './keys/contents.ts';
export { makeKeyFile, readKeyFile, type UnreadableKeyFile } from './keys/file.ts';
export { run } from './run.ts';
