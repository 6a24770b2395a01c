import type { Tier } from '../../verifier/index.ts';
import type { Seen, Verdict } from './verdict.ts';

/** What a drill says of one verifier; times are milliseconds since the revocation was answered. */
export interface Drill {
  readonly name: string;
  readonly tier: Tier;
  readonly boundMilliseconds: number;
  readonly deniedAfterMilliseconds: number | null;
  readonly allowedUntilMilliseconds: number | null;
  readonly code: string | null;
  readonly calls: number;
  readonly failures: number;
  readonly verdict: Verdict;
}

export const drillOf = (
  { name, tier }: { readonly name: string; readonly tier: Tier },
  bound: number,
  { deniedAt, allowedAt, code, calls, failures }: Seen,
  verdict: Verdict,
): Drill => ({
  name,
  tier,
  boundMilliseconds: bound,
  deniedAfterMilliseconds: deniedAt ?? null,
  allowedUntilMilliseconds: allowedAt ?? null,
  code: code ?? null,
  calls,
  failures,
  verdict,
});

const WORDS: Readonly<Record<Verdict, string>> = {
  in_time: 'in time',
  late: 'LATE',
  never: 'NEVER DENIED',
  unproven: 'UNPROVEN',
};

const seconds = (milliseconds: number | null): string =>
  milliseconds === null ? '-' : `${(milliseconds / 1000).toFixed(3)} s`;

/** A line for each verifier, under a line of heads. */
export function drillTable(drills: readonly Drill[]): string {
  const rows = [
    ['verifier', 'tier', 'bound', 'first denial', 'last allowed', 'code', 'verdict'],
    ...drills.map((drill) => [
      ...[drill.name, String(drill.tier)],
      drill.boundMilliseconds === 0 ? 'next call' : seconds(drill.boundMilliseconds),
      ...[seconds(drill.deniedAfterMilliseconds), seconds(drill.allowedUntilMilliseconds)],
      ...[drill.code ?? '-', WORDS[drill.verdict]],
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
