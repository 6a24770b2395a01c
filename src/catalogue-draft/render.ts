import { catalogueKeys } from '../catalogue/index.ts';
import type { ServerListing } from '../server-listing/index.ts';
import { tomlValue } from '../toml-text.ts';
import type { DraftedTool } from './draft.ts';

/** Begins the comment above a guess. `hewn check` warns until the last one is removed. */
export const REVIEW_MARK = '# REVIEW';

const SERVER_TEXT_CHARACTERS_MAX = 90;
const REASON_CHARACTERS_MAX = 300;

/** What of a server became no entry, by its name, and why. */
export type LeftOut = readonly [name: string, why: string];

/**
 * Returns a draft as TOML. Every guess has a comment above it that begins with `# REVIEW`. Texts of
 * the server are cut and cannot leave their comment.
 */
export function renderDraft(
  listing: ServerListing,
  tools: readonly DraftedTool[],
  leftOut: readonly LeftOut[],
): string {
  const { server, resources, prompts } = listing;
  const head = [
    `# A draft for ${oneLine(`${server.name} ${server.version}`)}. Look at every line that begins with ${REVIEW_MARK},`,
    '# correct what is wrong, and remove the line. What a server reports of itself is a hint, not a proof.',
    ...leftOut.map(
      ([name, why]) => `# Left out: ${oneLine(name)}: ${oneLine(why, REASON_CHARACTERS_MAX)}`,
    ),
    ...others('resource', resources),
    ...others('prompt', prompts),
  ];
  return `${[head.join('\n'), ...tools.map(entry)].join('\n\n')}\n`;
}

const others = (kind: string, names: readonly string[]): readonly string[] =>
  names.length === 0
    ? []
    : [
        `# It also has ${names.length} ${kind}${names.length === 1 ? '' : 's'}. ` +
          'No tool entry can grant them, and the gateway does not forward them:',
        ...names.slice(0, 20).map((name) => `#   ${oneLine(name)}`),
      ];

function entry({ tool, guesses, description }: DraftedTool): string {
  const said = oneLine(description);
  const lines = catalogueKeys().flatMap(({ key, absent }) => {
    const value = tool[key];
    // A tool that does more than read must list its sinks, so an empty list is written.
    const isNeeded = key === 'sinks' && tool.action !== 'read';
    if (value === undefined || (!isNeeded && isSame(value, absent))) return [];
    const reviews = guesses
      .filter(({ member }) => member === key)
      .map(({ why }) => `${REVIEW_MARK} ${key}: ${oneLine(why, REASON_CHARACTERS_MAX)}`);
    return [...reviews, `${key} = ${tomlValue(value)}`];
  });
  return [...(said === '' ? [] : [`# The server says: ${said}`]), '[[tool]]', ...lines].join('\n');
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A comment ends at a line end, and no control character may stand in it. */
const oneLine = (value: string, charactersMax = SERVER_TEXT_CHARACTERS_MAX): string => {
  const plain = value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  const characters = [...plain];
  return characters.length <= charactersMax
    ? plain
    : `${characters.slice(0, charactersMax).join('')} …`;
};
