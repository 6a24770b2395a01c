import type { Check } from './suites.ts';

/** A check that is worse through the gateway than without it. */
export interface Regression {
  readonly key: string;
  readonly direct: string;
  readonly through: string;
  readonly error: string;
}

export interface Comparison {
  readonly checks: number;
  readonly passedDirect: number;
  readonly passedThrough: number;
  readonly regressions: readonly Regression[];
}

/** A check that reports and does not judge must be made through the gateway too. */
const RANKS = {
  SUCCESS: 3,
  WARNING: 2,
  INFO: 1,
  FAILURE: 0,
  SKIPPED: 0,
} as const satisfies Readonly<Record<Check['status'], number>>;

/**
 * Compares check by check. A check that passes or runs without the gateway must do so through it:
 * one that fails, is skipped or is missing there is a regression.
 */
export function compare(direct: readonly Check[], through: readonly Check[]): Comparison {
  const found = new Map(through.map((check) => [check.key, check]));
  const regressions = direct.flatMap((check) => {
    const other = found.get(check.key);
    if (rank(other?.status) >= rank(check.status)) return [];
    const { key, status } = check;
    return [
      { key, direct: status, through: other?.status ?? 'MISSING', error: other?.error ?? '' },
    ];
  });
  return {
    checks: direct.length,
    passedDirect: passed(direct),
    passedThrough: passed(through),
    regressions,
  };
}

const rank = (status: Check['status'] | undefined): number =>
  status === undefined ? 0 : RANKS[status];

const passed = (checks: readonly Check[]): number =>
  checks.filter(({ status }) => status === 'SUCCESS').length;
