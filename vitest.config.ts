import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';
import { packSuiteData } from './test/suites/pack.ts';

// Rings: pure logic in Node; the proof of the Biscuit engine, which starts a reference and a browser;
// the same suites and one Worker from the inside, in workerd; all Workers from the outside.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'proof',
          include: ['test/{browser,bundle,conformance,fuzz,suites}/**/*.test.ts'],
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './test/workers/wrangler.toml' } })],
        test: {
          name: 'workers',
          include: ['test/workers/**/*.test.ts'],
          // workerd has no file system: the conformance data is handed in.
          provide: { suiteData: packSuiteData() },
        },
      },
    ],
  },
});
