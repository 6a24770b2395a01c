/** The seed of a run, and its report as text. `FUZZ_SEED` sets another seed. */
import type { FuzzReport } from './run.ts';

const FIXED = { minted: 20_261_123, changed: 20_261_124 } as const;

/** Fixed, so that a change fails or passes for everyone. `npm run fuzz` uses random seeds. */
export function seedOf(suite: keyof typeof FIXED): number {
  const given = Number(process.env.FUZZ_SEED ?? Number.NaN);
  return Number.isSafeInteger(given) ? given + FIXED[suite] : FIXED[suite];
}

const listed = (counts: Readonly<Record<string, number | undefined>>): string[] =>
  Object.entries(counts)
    .sort(([, a = 0], [, b = 0]) => b - a)
    .map(([name, count = 0]) => `${String(count).padStart(8)}  ${name}`);

export function summary(report: FuzzReport): string {
  const { seed, cases, same, explained, disagreements, traps } = report;
  return [
    `seed ${seed}: ${cases} cases, ${disagreements.length} disagreements`,
    '  the same:',
    ...listed(same),
    '  different, and explained in docs/reference/biscuit.md:',
    ...listed(explained),
    `  the reference trapped, not counted: ${traps}`,
  ].join('\n');
}
