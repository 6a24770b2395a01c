import type { Blank, DiffLine } from './blank.ts';

/** A change of a policy file that another page proposes. */
export interface ProposedChange {
  /** What it would do, as the end of a sentence that begins with "This draft has". */
  readonly what: string;
  /** Where it comes from, as a sentence. */
  readonly from: string;
  /** Undefined where any file of the policy can have it. */
  readonly file: string | undefined;
  readonly diff: readonly DiffLine[];
  /** The price of the change, in words. */
  readonly warning: string | undefined;
  /** What a person has to fill in first. */
  readonly blank?: Blank | undefined;
}

/**
 * It is handed from another page to the draft in memory. An address that carried it could be
 * written by anybody.
 */
let proposed: ProposedChange | undefined;

export const proposeChange = (change: ProposedChange): void => {
  proposed = change;
};

/** Returns the change that was proposed last, once. */
export function takeProposedChange(): ProposedChange | undefined {
  const taken = proposed;
  proposed = undefined;
  return taken;
}

/**
 * Returns the text with the change. Returns undefined if the lines around the change are not in the
 * text, or stand in several places.
 */
export function withChange(text: string, diff: ProposedChange['diff']): string | undefined {
  const lines = text.split('\n');
  const before = diff.flatMap(({ sign, text: line }) => (sign === '+' ? [] : [line]));
  const after = diff.flatMap(({ sign, text: line }) => (sign === '-' ? [] : [line]));
  if (before.length === 0) {
    const isEnded = lines.at(-1) === '';
    return [...(isEnded ? lines.slice(0, -1) : lines), ...after, ...(isEnded ? [''] : [])].join(
      '\n',
    );
  }
  const places = lines
    .map((_, index) => index)
    .filter((index) => before.every((line, offset) => lines[index + offset] === line));
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) return undefined;
  return [...lines.slice(0, place), ...after, ...lines.slice(place + before.length)].join('\n');
}
