import { expect, test } from 'vitest';
import { effort } from '../effort.ts';
import { fuzz } from './run.ts';
import { seedOf, summary } from './seed.ts';

const CASES = effort(1_500, 10_000);

test(`${CASES} judgements of changed blocks, bytes and text, and of regular expressions`, async () => {
  const campaigns = ['forged', 'bytes', 'text', 'regex'] as const;
  const report = await fuzz({ seed: seedOf('changed'), cases: CASES, campaigns });
  console.log(summary(report));
  expect(report.disagreements).toEqual([]);
  expect(report.cases).toBeGreaterThanOrEqual(CASES);
  // If no change got past the signatures, the readers of blocks would not be tested.
  expect(report.same['forged Ok'] ?? 0).toBeGreaterThan(CASES / 50);
}, 600_000);
