/** The members that release 0.4.0 added to the records of verifiers. */
const SINCE_040 = ['mode', 'definition', 'labels', 'sample'] as const;

/**
 * Converts a verifier's record to the form of release 0.3.0, whose issuer refuses unknown members.
 * What a route would have denied is in `observed`, which that release knows.
 */
export function asOf030<R extends object>(record: R): R {
  if (!SINCE_040.some((name) => name in record)) return record;
  const known = Object.entries(record).filter(
    ([name]) => !(SINCE_040 as readonly string[]).includes(name),
  );
  return Object.fromEntries(known) as unknown as R;
}
