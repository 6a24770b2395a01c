/** Prints the walk-through, one line per step, and counts the steps that did not go as expected. */
import { styleText } from 'node:util';

export type Verdict = 'allowed' | 'denied';

export interface Step {
  /** What was tried, as in `read reports/q1.md`. */
  readonly what: string;
  readonly verdict: Verdict;
  /** The result, or the reason of the denial. */
  readonly why: string;
  /** What should have happened instead; absent if the step went as expected. */
  readonly expected?: string | undefined;
}

export interface Transcript {
  readonly chapter: (title: string) => void;
  /** A line without a verdict. */
  readonly note: (line: string) => void;
  /** Text written by someone else. */
  readonly quote: (text: string) => void;
  readonly step: (step: Step) => void;
  /** An invariant. Prints `what` if it holds and `otherwise` if it does not. */
  readonly check: (holds: boolean, what: string, otherwise: string) => void;
  readonly count: () => { readonly steps: number; readonly failed: number };
}

export type Write = (text: string) => void;

type Colour = Parameters<typeof styleText>[0];
const COLUMN = 9;
const QUOTE_COLUMNS = 94;

export function createTranscript(write: Write, options: { readonly colours: boolean }): Transcript {
  let steps = 0;
  let failed = 0;
  let chapters = 0;
  const paint = (colour: Colour, text: string) =>
    options.colours ? styleText(colour, text, { validateStream: false }) : text;
  const line = (mark: string, colour: Colour, text: string) =>
    write(`  ${paint(colour, mark.padEnd(COLUMN))}${text}\n`);
  const fail = (text: string) => {
    failed += 1;
    line('FAILED', ['bold', 'red'], text);
  };
  return {
    chapter: (title) => write(`\n${paint('bold', `${++chapters}. ${title}`)}\n`),
    note: (text) => line('', 'dim', text),
    quote: (text) => {
      for (const row of wrapped(text)) line('', 'dim', paint('italic', `| ${row}`));
    },
    step: ({ what, verdict, why, expected }) => {
      steps += 1;
      if (expected !== undefined) fail(`${what}: ${verdict}: ${why}; expected: ${expected}`);
      else line(verdict, verdict === 'allowed' ? 'green' : 'yellow', `${what}: ${why}`);
    },
    check: (holds, what, otherwise) => {
      steps += 1;
      if (holds) line('holds', 'green', what);
      else fail(otherwise);
    },
    count: () => ({ steps, failed }),
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

/** Whether `stream` is a terminal, and its user wants colours (no-color.org). */
export const wantsColours = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean => stream.isTTY === true && !environment.NO_COLOR;
