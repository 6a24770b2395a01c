import * as v from 'valibot';

/** How much of a scope lives, as the issuer says it. */
export const matchesShape = v.object({
  living: v.nullable(v.number()),
  named_until: v.nullable(v.string()),
});

/** What a stop meets: nothing at all is the sign of a slip. */
export function matchesLine({ living, named_until: until }: v.InferOutput<typeof matchesShape>) {
  const workflows =
    living === null
      ? 'the living workflows cannot be counted now'
      : `${living} living workflow${living === 1 ? '' : 's'} known`;
  const tokens =
    until === null ? 'no token that is out names it' : `a token may name it until ${until}`;
  return `  matches     ${workflows}; ${tokens}`;
}
