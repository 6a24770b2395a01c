/** The `hewn` command. */
export type { CommandContext } from './command.ts';
export { COMMANDS } from './commands.ts';
export { renderHelp } from './help.ts';
export { run } from './run.ts';
