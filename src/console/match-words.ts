/** What a stop by name would reach, as the issuer counts it. Null: it could not be counted. */
export type Matches = { readonly living: number; readonly named_until: string | null } | null;

/** Returns what a stop by name would reach, in words. */
export function matchWords(matches: Matches): string {
  if (matches === null) return 'What it would stop could not be counted.';
  const { living, named_until: namedUntil } = matches;
  if (living === 0 && namedUntil === null) {
    return 'No workflow and no token that is known has this name. Is it spelled as records have it?';
  }
  if (living === 0) return 'No workflow of it runs now. A token with its name may still be out.';
  return living === 1 ? 'One workflow of it runs now.' : `${living} workflows of it run now.`;
}
