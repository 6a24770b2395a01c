import { type Command, flagText } from './command.ts';

const COLUMNS = 100;

/** Returns the help of one command. The reference page has the same text. */
export function renderHelp(command: Command): string {
  const { description, flags, examples, exitCodes = {} } = command;
  const options = Object.entries(flags).map(([name, flag]) => ({
    left: flagText(name, flag),
    right: `${flag.description}${flag.required ? ' (required)' : ''}`,
  }));
  const codes = { 0: 'done', 2: 'failed; the reason is on standard error', ...exitCodes };
  return [
    ...usageOf(command),
    '',
    ...description.split('\n\n').flatMap((paragraph) => [...wrapParagraph(paragraph), '']),
    ...(options.length > 0 ? ['Options:', ...columns(options), ''] : []),
    'Examples:',
    ...examples.flatMap((example) => example.split('\n').map((line) => `  ${line}`)),
    '',
    'Exit codes:',
    ...columns(Object.entries(codes).map(([left, right]) => ({ left, right }))),
  ].join('\n');
}

/** Returns the list of commands, as `hewn --help` prints it. */
export const renderOverview = (commands: readonly Command[]): string =>
  [
    'hewn: operate a Hewn issuer and its verifiers',
    '',
    ...columns(commands.map(({ name, summary }) => ({ left: `hewn ${name}`, right: summary }))),
    '',
    'hewn COMMAND --help describes a command, with examples.',
    'Exit code 0: yes, or done. 1: no, or a case failed. 2: the command failed.',
  ].join('\n');

function usageOf({ name, operands, flags }: Command): readonly string[] {
  const parts = Object.entries(flags).map(([flag, spec]) => {
    const text = flagText(flag, spec);
    if (spec.required) return text;
    return spec.kind === 'list' ? `[${text}]...` : `[${text}]`;
  });
  const words = [...(operands === undefined ? [] : [operands]), ...parts];
  const start = `Usage: hewn ${name}`;
  return wrapWords([start, ...words], ' '.repeat('Usage: hewn '.length));
}

const wrapParagraph = (paragraph: string): readonly string[] =>
  paragraph.startsWith('  ') ? paragraph.split('\n') : wrapWords(paragraph.split(/\s+/), '');

/** Wraps at spaces between the given parts. A flag and its value are one part. */
function wrapWords(words: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= COLUMNS) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(lines.length === 0 ? word : `${indent}${word}`);
  }
  return lines;
}

interface Row {
  readonly left: string;
  readonly right: string;
}

/** Aligns two columns. A long text on the right wraps below itself. */
function columns(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map(({ left }) => left.length));
  const indent = ' '.repeat(width + 4);
  return rows.flatMap(({ left, right }) =>
    wrapWords(
      [`  ${left.padEnd(width)}  ${right.split(' ')[0]}`, ...right.split(' ').slice(1)],
      indent,
    ),
  );
}
