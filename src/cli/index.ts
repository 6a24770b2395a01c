/** The `hewn` command, and the key file that it shares with the local scene. */
export type { CommandContext } from './command.ts';
export { COMMANDS } from './commands.ts';
export { renderHelp } from './help.ts';
export type { KeyFile } from './keys/contents.ts';
export { makeKeyFile, readKeyFile } from './keys/file.ts';
export { run } from './run.ts';
