/** A change of a policy file that would allow a denied call, as the issuer proposes it. */
export interface ProposedChange {
  /** The decision record of the denied call. */
  readonly record: string;
  readonly file: string;
  readonly diff: readonly { readonly sign: ' ' | '+' | '-'; readonly text: string }[];
  /** The price of the change, in words. */
  readonly warning: string | undefined;
}

/**
 * It is handed from the page of a workflow to the draft in memory. An address that carried it could
 * be written by anybody.
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
  if (before.length === 0) return [...lines, ...after].join('\n');
  const places = lines
    .map((_, index) => index)
    .filter((index) => before.every((line, offset) => lines[index + offset] === line));
  const [place, ...others] = places;
  if (place === undefined || others.length > 0) return undefined;
  return [...lines.slice(0, place), ...after, ...lines.slice(place + before.length)].join('\n');
}
