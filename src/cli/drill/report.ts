import type { Tier } from '../../verifier/index.ts';
import type { Observation, Verdict } from './verdict.ts';

/** The result at one verifier. Times are milliseconds since the revocation was answered. */
export interface DrillResult {
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

export const toDrillResult = (
  { name, tier }: { readonly name: string; readonly tier: Tier },
  bound: number,
  { deniedAt, allowedAt, code, calls, failures }: Observation,
  verdict: Verdict,
): DrillResult => ({
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

const VERDICTS: Readonly<Record<Verdict, string>> = {
  in_time: 'in time',
  late: 'LATE',
  never: 'NEVER DENIED',
  unproven: 'UNPROVEN',
};

const seconds = (milliseconds: number | null): string =>
  milliseconds === null ? '-' : `${(milliseconds / 1000).toFixed(3)} s`;

/** Renders a table with one line for each verifier. */
export function renderDrill(results: readonly DrillResult[]): string {
  const rows = [
    ['verifier', 'tier', 'bound', 'first denial', 'last allowed', 'code', 'verdict'],
    ...results.map((result) => [
      ...[result.name, String(result.tier)],
      result.boundMilliseconds === 0 ? 'next call' : seconds(result.boundMilliseconds),
      ...[seconds(result.deniedAfterMilliseconds), seconds(result.allowedUntilMilliseconds)],
      ...[result.code ?? '-', VERDICTS[result.verdict]],
    ]),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const renderRow = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd();
  return rows.map(renderRow).join('\n');
}
