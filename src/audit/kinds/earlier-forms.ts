/** The members that release 0.4.0 added to the records of verifiers. */
const SINCE_040: readonly string[] = [
  ...(['mode', 'request', 'definition', 'labels', 'sample', 'provenance'] as const),
  ...(['hops', 'approval', 'flow'] as const),
];

/**
 * Converts a verifier's record to the form of release 0.3.0, whose issuer refuses unknown members.
 * What a route would have denied is in `observed`, which that release knows.
 */
export function asOf030<R extends object>(record: R): R {
  const { outcome } = record as { readonly outcome?: { readonly answer?: string } };
  if (outcome?.answer === undefined && !SINCE_040.some((name) => name in record)) return record;
  const known = Object.entries(record).filter(([name]) => !SINCE_040.includes(name));
  const { answer: _, ...ended } = outcome ?? {};
  return { ...Object.fromEntries(known), ...(outcome && { outcome: ended }) } as unknown as R;
}
