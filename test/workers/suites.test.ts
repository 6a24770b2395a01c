import { expect, inject, test } from 'vitest';
import { OFFICIAL_ABSENT, type SuiteData, suites } from '../suites/index.ts';

declare module 'vitest' {
  interface ProvidedContext {
    suiteData: SuiteData;
  }
}

const data = inject('suiteData');

test('the tests run in workerd', () => {
  expect(navigator.userAgent).toBe('Cloudflare-Workers');
});

test('the official conformance data is present', ({ skip }) => {
  if (data.official === null) skip(OFFICIAL_ABSENT);
  expect(data.official).not.toBeNull();
});

for (const { name, run } of suites(data)) test(name, run, 120_000);
