import * as v from 'valibot';

/** How much of a scope lives, as the issuer says it; null where it could not be counted. */
export const matchesShape = v.nullable(
  v.object({ living: v.number(), named_until: v.nullable(v.string()) }),
);

/** What a stop meets: nothing at all is the sign of a slip. */
export function matchesLine(matches: v.InferOutput<typeof matchesShape>): string {
  if (!matches) return '  matches     could not be counted now';
  const { living, named_until: until } = matches;
  const tokens =
    until === null ? 'no token that is out names it' : `a token may name it until ${until}`;
  return `  matches     ${living} living workflow${living === 1 ? '' : 's'} known; ${tokens}`;
}
