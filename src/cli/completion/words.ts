import type { Command } from '../command.ts';

/** What can follow the words so far: a shell offers these, and files where `files` says so. */
export interface Offer {
  readonly words: readonly Offered[];
  readonly files: boolean;
}

export interface Offered {
  readonly word: string;
  /** One line, which zsh and fish show beside the word. */
  readonly description: string;
}

/** Names of values and arguments that are paths. */
const PATHS = /\b(?:FILE|FILES|FOLDER|DIR|PATH|PLACE|LIST)\b/;

/** Returns what can follow `before`, the words after `hewn` without the one that is typed. */
export function offerAfter(commands: readonly Command[], before: readonly string[]): Offer {
  const [first, second] = before;
  const command =
    commands.find(({ name }) => name === `${first} ${second}`) ??
    commands.find(({ name }) => name === first);
  if (command && before.length >= command.name.split(' ').length) {
    const args = before.slice(command.name.split(' ').length);
    const own = offerOf(command, args);
    // `hewn dev` is a command, and `hewn dev token` another.
    const others = args.length === 0 && command.name === first ? subcommands(commands, first) : [];
    return { ...own, words: [...others, ...own.words] };
  }
  return {
    words: first === undefined ? firstWords(commands) : subcommands(commands, first),
    files: false,
  };
}

function firstWords(commands: readonly Command[]): readonly Offered[] {
  const offered = new Map<string, string>();
  for (const { name, summary } of commands) {
    const [word = '', second] = name.split(' ');
    const others = commands.filter((one) => one.name.startsWith(`${word} `));
    const verbs = others.map((one) => one.name.slice(word.length + 1)).join(', ');
    if (!offered.has(word)) offered.set(word, second === undefined ? summary : verbs);
  }
  return [...offered].map(([word, description]) => ({ word, description }));
}

const subcommands = (commands: readonly Command[], first: string | undefined): readonly Offered[] =>
  commands
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name, summary }) => ({
      word: name.slice((first ?? '').length + 1),
      description: summary,
    }));

/** Everything that can follow the arguments of a command so far. */
function offerOf(command: Command, args: readonly string[]): Offer {
  const previous = args.at(-1) ?? '';
  const flag = previous.startsWith('--') ? command.flags[previous.slice(2)] : undefined;
  if (flag && flag.kind !== 'switch') {
    return { words: plain(flag.choices ?? []), files: PATHS.test(flag.value ?? '') };
  }
  const given = new Set(args);
  const flags = Object.entries(command.flags)
    .filter(([name, { kind }]) => kind === 'list' || !given.has(`--${name}`))
    .map(([name, { description }]) => ({ word: `--${name}`, description }));
  const isFirst = !args.some((word) => !word.startsWith('--'));
  return {
    words: [
      ...(isFirst ? plain(command.operandChoices ?? []) : []),
      ...flags,
      { word: '--help', description: 'describe the command, with examples' },
    ],
    files: PATHS.test(command.operands ?? ''),
  };
}

const plain = (words: readonly string[]): readonly Offered[] =>
  words.map((word) => ({ word, description: '' }));
