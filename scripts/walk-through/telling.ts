/**
 * Tells the walk-through to a person, one line a step, and keeps count of the steps that did not go
 * as they were told to.
 */
import { styleText } from 'node:util';

export type Verdict = 'allowed' | 'denied';

export interface Step {
  /** What was tried, as in `read reports/q1.md`. */
  readonly what: string;
  readonly verdict: Verdict;
  /** What came of it, or why it was denied. */
  readonly why: string;
  /** What should have happened instead; absent where the step went as it should. */
  readonly wrong?: string | undefined;
}

export interface Telling {
  readonly chapter: (title: string) => void;
  /** A line of its own, without a verdict. */
  readonly say: (line: string) => void;
  /** Text that somebody else wrote. */
  readonly quote: (text: string) => void;
  readonly step: (step: Step) => void;
  /** Something that must hold, said as `what`; `otherwise` is said where it does not. */
  readonly check: (holds: boolean, what: string, otherwise: string) => void;
  readonly count: () => { readonly steps: number; readonly wrong: number };
}

export type Write = (text: string) => void;

type Colour = Parameters<typeof styleText>[0];
const COLUMN = 9;
const QUOTE_COLUMNS = 94;

export function createTelling(write: Write, options: { readonly colours: boolean }): Telling {
  let steps = 0;
  let wrongs = 0;
  let chapters = 0;
  const paint = (colour: Colour, text: string) =>
    options.colours ? styleText(colour, text, { validateStream: false }) : text;
  const line = (mark: string, colour: Colour, text: string) =>
    write(`  ${paint(colour, mark.padEnd(COLUMN))}${text}\n`);
  const wentWrong = (text: string) => {
    wrongs += 1;
    line('WRONG', ['bold', 'red'], text);
  };
  return {
    chapter: (title) => write(`\n${paint('bold', `${++chapters}. ${title}`)}\n`),
    say: (text) => line('', 'dim', text),
    quote: (text) => {
      for (const row of wrapped(text)) line('', 'dim', paint('italic', `| ${row}`));
    },
    step: ({ what, verdict, why, wrong }) => {
      steps += 1;
      if (wrong !== undefined) wentWrong(`${what}: ${verdict}: ${why}; expected: ${wrong}`);
      else line(verdict, verdict === 'allowed' ? 'green' : 'yellow', `${what}: ${why}`);
    },
    check: (holds, what, otherwise) => {
      steps += 1;
      if (holds) line('holds', 'green', what);
      else wentWrong(otherwise);
    },
    count: () => ({ steps, wrong: wrongs }),
  };
}

function wrapped(text: string): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (row !== '' && row.length + word.length >= QUOTE_COLUMNS) {
      rows.push(row);
      row = '';
    }
    row += row === '' ? word : ` ${word}`;
  }
  return row === '' ? rows : [...rows, row];
}

/** Whether `stream` is a person's screen that wants colours (no-color.org). */
export const wantsColours = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean => stream.isTTY === true && !environment.NO_COLOR;
