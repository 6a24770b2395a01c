import { type Command, flagText } from './command.ts';
import type { CommandGroup } from './commands.ts';
import { padText, type Screen, widthOf, wrapParts } from './terminal/index.ts';

/** Lines are never longer, even on a wide terminal: longer ones are hard to read. */
const COLUMNS_MAX = 100;

/** A file or a pipe, such as the reference page. */
const NO_TERMINAL: Screen = { outIsTerminal: false };

const columnsOf = (screen: Screen): number => Math.min(COLUMNS_MAX, widthOf(screen) ?? COLUMNS_MAX);

/** Returns the help of one command. The reference page has the same text. */
export function renderHelp(command: Command, screen: Screen = NO_TERMINAL): string {
  const columns = columnsOf(screen);
  const { description, flags, examples, exitCodes = {} } = command;
  const options = Object.entries(flags).map(([name, flag]) => ({
    left: flagText(name, flag),
    right: `${flag.description}${flag.required ? ' (required)' : ''}`,
  }));
  const codes = { 0: 'done', 2: 'failed; the reason is on standard error', ...exitCodes };
  return [
    ...usageOf(command, columns),
    '',
    ...description.split('\n\n').flatMap((paragraph) => [...wrapParagraph(paragraph, columns), '']),
    ...(options.length > 0 ? ['Options:', ...alignRows(options, columns), ''] : []),
    'Examples:',
    ...examples.flatMap((example) => example.split('\n').map((line) => `  ${line}`)),
    '',
    'Exit codes:',
    ...alignRows(
      Object.entries(codes).map(([left, right]) => ({ left, right })),
      columns,
    ),
  ].join('\n');
}

/** Returns the list of commands, as `hewn --help` prints it. */
export function renderOverview(
  groups: readonly CommandGroup[],
  screen: Screen = NO_TERMINAL,
): string {
  const columns = columnsOf(screen);
  const names = groups.flatMap(({ commands }) => commands.map(({ name }) => name.length));
  const left = Math.max(0, ...names) + 'hewn '.length;
  return [
    'hewn: operate a Hewn issuer and its verifiers',
    '',
    ...groups.flatMap(({ title, commands }) => [
      `${title}:`,
      ...alignRows(
        commands.map(({ name, summary }) => ({ left: `hewn ${name}`, right: summary })),
        columns,
        left,
      ),
      '',
    ]),
    ...ENDING.flatMap((paragraph) => wrapParts(paragraph.split(' '), columns)),
  ].join('\n');
}

/** What holds for every command. */
const ENDING: readonly string[] = [
  'hewn COMMAND --help describes a command, with examples. hewn --version prints the version.',
  'Exit code 0: yes, or done. 1: no, or a case failed. 2: the command failed.',
];

function usageOf({ name, operands, flags }: Command, columns: number): readonly string[] {
  const parts = Object.entries(flags).map(([flag, spec]) => {
    const text = flagText(flag, spec);
    if (spec.required) return text;
    return spec.kind === 'list' ? `[${text}]...` : `[${text}]`;
  });
  const words = [...(operands === undefined ? [] : [operands]), ...parts];
  const start = `Usage: hewn ${name}`;
  return wrapParts([start, ...words], columns, ' '.repeat('Usage: hewn '.length));
}

const wrapParagraph = (paragraph: string, columns: number): readonly string[] =>
  paragraph.startsWith('  ') ? paragraph.split('\n') : wrapParts(paragraph.split(/\s+/), columns);

interface Row {
  readonly left: string;
  readonly right: string;
}

/** Beside a narrower text on the right, the text on the left has a line of its own. */
const RIGHT_COLUMNS_MIN = 30;

/** Aligns two columns. A long text on the right wraps below itself. */
function alignRows(rows: readonly Row[], columns: number, leftMin = 0): readonly string[] {
  const width = Math.max(leftMin, ...rows.map(({ left }) => left.length));
  if (columns - width - 4 < RIGHT_COLUMNS_MIN) {
    return rows.flatMap(({ left, right }) => [
      `  ${left}`,
      ...wrapParts(
        [`      ${right.split(' ')[0]}`, ...right.split(' ').slice(1)],
        columns,
        ' '.repeat(6),
      ),
    ]);
  }
  const indent = ' '.repeat(width + 4);
  return rows.flatMap(({ left, right }) =>
    wrapParts(
      [`  ${padText(left, width)}  ${right.split(' ')[0]}`, ...right.split(' ').slice(1)],
      columns,
      indent,
    ),
  );
}
