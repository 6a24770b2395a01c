import { valueOrigin } from '../../provenance/index.ts';

/** A value that only a person can fill in: records have no more than its digest. */
export interface Blank {
  /** What the value replaces in the added lines. */
  readonly text: string;
  /** What it takes. `origin`: a text or a number, written as an origin of `from`. */
  readonly form: 'text' | 'number' | 'scalar' | 'origin';
  /** The argument that the value is of. */
  readonly pointer: string;
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i;

/** Returns what a person wrote as a JSON scalar. What is no JSON is a text. */
function scalarOf(given: string): string | number | boolean | null {
  try {
    const value: unknown = JSON.parse(given);
    if (value === null || typeof value !== 'object')
      return value as string | number | boolean | null;
  } catch {
    // A text without quotes.
  }
  return given;
}

/** Returns a value as the policy writes it, or undefined if the blank does not take it. */
function writtenOf(form: Blank['form'], given: string): string | undefined {
  if (given === '') return undefined;
  if (form === 'text') return JSON.stringify(given);
  if (form === 'number') return NUMBER.test(given) ? given : undefined;
  const value = scalarOf(given);
  if (form === 'scalar') return JSON.stringify(value);
  const isOrigin = typeof value === 'string' || typeof value === 'number';
  return isOrigin ? JSON.stringify(valueOrigin(value)) : undefined;
}

/** A line of a change of a text. */
export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
}

/** Returns a change with the value filled in. Undefined if the blank does not take it. */
export function fillBlank(
  diff: readonly DiffLine[],
  { text, form }: Blank,
  given: string,
): readonly DiffLine[] | undefined {
  const written = writtenOf(form, given.trim());
  if (written === undefined) return undefined;
  return diff.map((line) =>
    line.sign === '+' ? { sign: line.sign, text: line.text.split(text).join(written) } : line,
  );
}

/** What a person may write, in words. */
export const BLANK_HINTS: Readonly<Record<Blank['form'], string>> = {
  text: 'The text exactly as the agent is to send it.',
  number: 'A number, such as 50 or 12.5.',
  scalar: 'A text, a number, true or false. A number in quotes is a text.',
  origin: 'A text or a number. A number in quotes is a text.',
};
