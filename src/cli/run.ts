import { refuse } from '../result.ts';
import type { Answer, Command, CommandContext } from './command.ts';
import { COMMANDS } from './commands.ts';
import { renderHelp, renderOverview } from './help.ts';

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';

/** Runs the command that `args` name, and returns its exit code. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const [first = '', second = ''] = args;
  if (isHelp(first)) return print(context.out, renderOverview(COMMANDS), 0);
  // Two words call a command of that name, otherwise one does.
  const named = (words: string) => COMMANDS.find(({ name }) => name === words);
  const command = named(`${first} ${second}`) ?? named(first);
  if (!command) {
    const group = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
    if (group.length > 0 && isHelp(second)) return print(context.out, renderOverview(group), 0);
    const called = args.slice(0, 2).join(' ');
    const error = args.length === 0 ? '' : `hewn: unknown command "${called}".\n\n`;
    return print(context.err, error + renderOverview(group.length > 0 ? group : COMMANDS), 2);
  }
  const rest = args.slice(command.name.split(' ').length);
  const flagsEnd = rest.indexOf('--');
  if (rest.slice(0, flagsEnd < 0 ? rest.length : flagsEnd).some(isHelp)) {
    return print(context.out, renderHelp(command), 0);
  }
  const answer = await answerOf(command, rest, context);
  if (answer.ok) return answer.value;
  return print(context.err, `hewn ${command.name}: ${answer.error}`, 2);
}

/** An unexpected error is exit code 2 as well: 1 would be the answer "no". */
async function answerOf(
  command: Command,
  args: readonly string[],
  context: CommandContext,
): Promise<Answer> {
  try {
    return await command.run(args, context);
  } catch (error) {
    return refuse(describeThrown(error));
  }
}

/**
 * A system error names its call and path. Anything else is a bug, and is reported with its stack.
 */
function describeThrown(error: unknown): string {
  if (error instanceof Error && 'syscall' in error) return error.message;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `an unexpected error, which is a bug in hewn. Please report it:\n${text}`;
}

function print<Code>(write: (text: string) => void, text: string, code: Code): Code {
  write(text);
  return code;
}
