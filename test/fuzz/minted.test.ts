import { expect, test } from 'vitest';
import { effort } from '../effort.ts';
import { fuzz } from './run.ts';
import { seedOf, summary } from './seed.ts';

const CASES = effort(1_500, 10_000);

test(`${CASES} judgements of tokens that the reference and our engine have minted`, async () => {
  const report = await fuzz({
    seed: seedOf('minted'),
    cases: CASES,
    campaigns: ['theirs', 'ours'],
  });
  console.log(summary(report));
  expect(report.disagreements).toEqual([]);
  expect(report.cases).toBeGreaterThanOrEqual(CASES);
  // Tokens that are all refused, or all allowed, would test little.
  const allowed = (report.same['theirs Ok'] ?? 0) + (report.same['ours Ok'] ?? 0);
  expect(allowed).toBeGreaterThan(CASES / 10);
  expect(allowed).toBeLessThan((CASES * 9) / 10);
}, 600_000);
