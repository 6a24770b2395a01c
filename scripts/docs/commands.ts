import { COMMANDS, renderHelp } from '../../src/cli/index.ts';
import { markdownTable } from './table.ts';

/** Renders the list of commands, each with what it does. */
export const renderCommandList = (): string =>
  markdownTable(
    ['command', 'what it does'],
    COMMANDS.map(({ name, summary }) => [
      `[\`hewn ${name}\`](#hewn-${name.replace(' ', '-')})`,
      `${capital(summary)}.`,
    ]),
  );

/** Renders the help of every command, as `--help` prints it. */
export const renderCommands = (): string =>
  COMMANDS.map(
    (command) => `### hewn ${command.name}\n\n\`\`\`text\n${renderHelp(command)}\n\`\`\``,
  ).join('\n\n');

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
