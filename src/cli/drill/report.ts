import type { Tier } from '../../verifier/index.ts';
import { type Column, renderTable, type Screen } from '../terminal/index.ts';
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
export const renderDrill = (screen: Screen, results: readonly DrillResult[]): string =>
  renderTable(screen, COLUMNS, results);

const COLUMNS: readonly Column<DrillResult>[] = [
  { head: 'verifier', cell: ({ name }) => name, cut: 'middle' },
  { head: 'tier', cell: ({ tier }) => String(tier) },
  {
    head: 'bound',
    cell: ({ boundMilliseconds }) =>
      boundMilliseconds === 0 ? 'next call' : seconds(boundMilliseconds),
  },
  { head: 'first denial', cell: (result) => seconds(result.deniedAfterMilliseconds) },
  { head: 'last allowed', cell: (result) => seconds(result.allowedUntilMilliseconds) },
  { head: 'code', cell: ({ code }) => code ?? '-' },
  {
    head: 'verdict',
    cell: ({ verdict }) => VERDICTS[verdict],
    tone: ({ verdict }) => (verdict === 'in_time' ? 'good' : 'bad'),
  },
];
