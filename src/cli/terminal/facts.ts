import { visibleLine } from '../visible.ts';
import { paint, type Screen, type Tone, widthOf } from './screen.ts';
import { padText, wrapParts } from './text-width.ts';

/** One named value of a thing that a command shows. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly tone?: Tone | undefined;
}

const NAME_COLUMNS = 11;

/**
 * Renders what a command shows of one thing: a line for each fact, with the value wrapped below
 * itself on a terminal. Hidden characters become visible.
 */
export function renderFacts(screen: Screen, facts: readonly Fact[]): readonly string[] {
  const width = widthOf(screen);
  const names = Math.max(NAME_COLUMNS, ...facts.map(({ name }) => name.length));
  return facts.flatMap(({ name, value, tone }) => {
    const start = `  ${padText(name, names)} `;
    const text = visibleLine(value);
    const lines = width === undefined ? [text] : wrapParts(text.split(' '), width - start.length);
    return lines.map((line, index) => {
      const before = index === 0 ? start : ' '.repeat(start.length);
      return `${before}${paint(screen, tone, line)}`;
    });
  });
}
