import { nearest } from '../deployment/index.ts';
import { refuse } from '../result.ts';
import type { Answer, Command, CommandContext } from './command.ts';
import { COMMAND_GROUPS, COMMANDS, type CommandGroup } from './commands.ts';
import { renderHelp, renderOverview } from './help.ts';
import { ownPackage } from './init/package-folder.ts';
import { visibleLine } from './visible.ts';

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';
const isVersion = (word: string | undefined): boolean => word === '--version';

/** Runs the command that `args` name, and returns its exit code. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const [first = '', second = ''] = args;
  // `hewn help workflows list` is what `hewn workflows list --help` is.
  if (first === 'help') return run([...args.slice(1), '--help'], context);
  if (isHelp(first)) return print(context.out, renderOverview(COMMAND_GROUPS, context), 0);
  if (isVersion(first) || isVersion(second)) return printVersion(context);
  // Two words call a command of that name, otherwise one does.
  const named = (words: string) => COMMANDS.find(({ name }) => name === words);
  const command = named(`${first} ${second}`) ?? named(first);
  if (!command) return describeUnknown(args, context);
  const rest = args.slice(command.name.split(' ').length);
  const flagsEnd = rest.indexOf('--');
  const flags = rest.slice(0, flagsEnd < 0 ? rest.length : flagsEnd);
  if (flags.some(isHelp)) return print(context.out, renderHelp(command, context), 0);
  if (flags.some(isVersion)) return printVersion(context);
  const answer = await answerOf(command, rest, context);
  if (answer.ok) return answer.value;
  return print(context.err, `hewn ${command.name}: ${answer.error}`, 2);
}

const printVersion = ({ out }: CommandContext): number =>
  print(out, `hewn ${ownPackage().version}`, 0);

/** Explains words that name no command: a group, a command with a typo, or nothing. */
function describeUnknown(args: readonly string[], context: CommandContext): number {
  const [first = '', second = ''] = args;
  const group = COMMAND_GROUPS.map(({ title, commands }) => ({
    title,
    commands: commands.filter(({ name }) => name.startsWith(`${first} `)),
  })).filter(({ commands }) => commands.length > 0);
  const isGroup = group.length > 0;
  if (isGroup && isHelp(second)) return print(context.out, renderOverview(group, context), 0);
  const list = renderOverview(isGroup ? group : COMMAND_GROUPS, context);
  if (args.length === 0 || (isGroup && second === '')) return print(context.err, list, 2);
  const called = visibleLine(isGroup ? `${first} ${second}` : first);
  const close = isGroup ? nearestIn(group, first, second) : nearestCommand(first, second);
  const error = `hewn: unknown command "${called}".`;
  if (close !== undefined) return print(context.err, `${error} Did you mean "hewn ${close}"?`, 2);
  return print(context.err, isGroup ? `${error}\n\n${list}` : `${error} Run hewn --help.`, 2);
}

/** Returns the command of a group whose second word is nearest. */
function nearestIn(
  groups: readonly CommandGroup[],
  first: string,
  second: string,
): string | undefined {
  const words = groups.flatMap(({ commands }) =>
    commands.map(({ name }) => name.slice(first.length + 1)),
  );
  const close = nearest(second, words);
  return close === undefined ? undefined : `${first} ${close}`;
}

/** Returns the command whose first word is nearest, with its second word if that is right, too. */
function nearestCommand(first: string, second: string): string | undefined {
  const names = COMMANDS.map(({ name }) => name);
  const firstWords = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))];
  const close = nearest(first, firstWords);
  if (close !== undefined) {
    if (names.includes(`${close} ${second}`)) return `${close} ${second}`;
    return names.includes(close) ? close : `${close} --help`;
  }
  // The words in the wrong order, or the second one alone: `hewn list workflows`.
  if (names.includes(`${second} ${first}`)) return `${second} ${first}`;
  const ending = names.filter((name) => name.endsWith(` ${first}`));
  return ending.length === 1 ? ending[0] : undefined;
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
