/** What a command writes to: a terminal that a person reads, or a file or pipe. */
export interface Screen {
  /** False for a pipe or a file, which a program reads: nothing is cut, and times are in UTC. */
  readonly outIsTerminal: boolean;
  /** The width of the terminal. Read for each output, because a window can be resized. */
  readonly columns?: number;
  /** The height of the terminal. */
  readonly rows?: number;
  /** Whether to use colour: on a terminal, unless `NO_COLOR` is set. */
  readonly isColoured?: boolean;
  /** The time zone of the person, as IANA names it; by default that of the machine. */
  readonly zone?: string;
}

/** The width of a terminal that does not report one. */
export const COLUMNS_DEFAULT = 80;
/** Below that, one word of a table has no space: the terminal reports a wrong width. */
const COLUMNS_MIN = 20;

/** Returns the width that text must fit, or undefined if nothing limits it. */
export function widthOf({ outIsTerminal, columns }: Screen): number | undefined {
  if (!outIsTerminal) return undefined;
  return columns === undefined || columns < COLUMNS_MIN ? COLUMNS_DEFAULT : columns;
}

/**
 * Whether a stream takes colour. An empty `NO_COLOR` counts as unset (no-color.org), and a terminal
 * of the type `dumb` shows the codes as text.
 */
export function isColoured(
  isTerminal: boolean,
  variable: (name: string) => string | undefined,
): boolean {
  const isRefused = (variable('NO_COLOR') ?? '') !== '' || variable('TERM') === 'dumb';
  return isTerminal && !isRefused;
}

/** What a text means. Colour only repeats it: the words say the same without colour. */
export type Tone = 'heading' | 'quiet' | 'good' | 'waits' | 'bad';

/** The sixteen colours that each theme of a terminal defines, so that they are readable in each. */
const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  heading: [1, 22],
  quiet: [2, 22],
  good: [32, 39],
  waits: [33, 39],
  bad: [31, 39],
};

/** Colours a text, if the screen takes colour. The text must already be visible and cut. */
export function paint(screen: Screen, tone: Tone | undefined, text: string): string {
  if (tone === undefined || text === '' || screen.isColoured !== true) return text;
  const [on, off] = CODES[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
