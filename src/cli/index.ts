/** The `hewn` command. */
export type { CommandContext } from './command.ts';
export { COMMANDS } from './commands.ts';
export { loadFolder } from './dev/load.ts';
export { aborted, stopSignal } from './dev/stop.ts';
export { whereabouts } from './dev/whereabouts.ts';
export { renderHelp } from './help.ts';
export { run } from './run.ts';
