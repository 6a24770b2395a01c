import { expect, test } from 'vitest';
import { OFFICIAL_ABSENT, suites } from './index.ts';
import { packSuiteData } from './pack.ts';

const data = packSuiteData();

test('the official conformance data is present', ({ skip }) => {
  if (data.official === null && process.env.CI === undefined) {
    console.warn(OFFICIAL_ABSENT);
    skip(OFFICIAL_ABSENT);
  }
  expect(data.official, OFFICIAL_ABSENT).not.toBeNull();
});

for (const { name, run } of suites(data)) test(name, run, 60_000);
