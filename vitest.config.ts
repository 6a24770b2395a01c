import { availableParallelism } from 'node:os';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { Log } from 'miniflare';
import { defineConfig } from 'vitest/config';
import { ISSUER_VARIABLES } from './test/issuer-variables.ts';
import { LongestFirst } from './test/longest-first.ts';
import { readKept } from './test/storage/file.ts';
import { packSuiteData } from './test/suites/pack.ts';

// No download of cf.json, no telemetry, no update check: the tests need no network but loopback.
const quiet = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
};
Object.assign(process.env, quiet);

// Vitest needs weak references, which our Workers switch off: the plugin warns once for each file.
const { warn } = Log.prototype;
Log.prototype.warn = function (message) {
  if (!message.startsWith('Removing `disable_weak_ref`')) warn.call(this, message);
};

// The reference engine is a WebAssembly module, and Node warns of each process that loads one.
const execArgv = ['--disable-warning=ExperimentalWarning'];

const issuerBindings = {
  ...ISSUER_VARIABLES,
  MINT_KEYS: JSON.stringify([
    { id: 1, key: `ed25519-private/${'01'.repeat(32)}`, state: 'active' },
    { id: 2, key: `ed25519-private/${'04'.repeat(32)}`, state: 'published' },
    { id: 3, state: 'retired' },
  ]),
  SIGNAL_KEY: `ed25519-private/${'05'.repeat(32)}`,
  LOG_KEY: `ed25519-private/${'06'.repeat(32)}`,
  // The reference implementation checks every capability that a test mints.
  MINT_CHECK_EVERY: '1',
};

/** What test/workers/issuer/log/model/crash.ts aborts an object with. */
const WANTED_CRASH = 'a crash that a test wants';

/** Faults and delays between all parts, for as long as `npm run soak` wants. */
const FAULTS = ['test/e2e/{weather,storm}/**/*.test.ts'];

/**
 * How long a test waits for a state, and how long it may take, before it counts as failed. A test
 * that passes waits until the state is there, and on a busy machine that takes many times as long.
 */
const patience = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 20_000 } },
};

// End-to-end tests wait more than they compute, and proofs compute more than they wait: together
// they keep two cores busy. Each file has its own ports and folders, and shares loaded modules with
// others: wrangler takes a second to load.
const beside = { isolate: false, maxWorkers: 3, sequence: { groupOrder: 2 } };

// Three rings: pure logic in Node; one Worker from the inside, in workerd; all Workers from the
// outside. The proof of the engine runs its suites in Node, in workerd and (`product`) in a browser.
// `npm test` leaves out `product`, which needs more than `npm install` brings.
export default defineConfig({
  test: {
    // What a test logs is shown where the test fails.
    silent: 'passed-only',
    // A crash test aborts an object between two steps, and whatever waited inside the object is
    // rejected with no one left to hear it. The test itself looks at what the callers got.
    onUnhandledError: (error) => error.message !== WANTED_CRASH,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          execArgv,
          include: ['test/unit/**/*.test.ts'],
          ...patience,
          // Files share a process and its modules: loading them again for each took most of the time.
          // A test that needs a module as it is at the start calls `vi.resetModules()`.
          isolate: false,
          // Many of these tests wait for a timeout to pass, so more run at once than there are cores.
          maxWorkers: Math.max(4, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      {
        // The config path brings wrangler's module rules, without which vite takes the .wasm.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: issuerBindings },
            verbose: false,
          }),
        ],
        test: {
          name: 'workers',
          include: ['test/workers/issuer/**/*.test.ts'],
          // `npm run soak` tells more stories; workerd has no environment to read that from.
          provide: {
            soakRuns: Number(process.env.HEWN_SOAK_RUNS ?? 0),
            soakSeed: Number(process.env.HEWN_SOAK_SEED ?? 1),
            // What released code left in its storage.
            kept: readKept(),
          },
          ...patience,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          execArgv,
          include: ['test/e2e/**/*.test.ts'],
          exclude: FAULTS,
          ...patience,
          ...beside,
        },
      },
      {
        test: {
          name: 'proof',
          execArgv,
          include: ['test/{bundle,conformance,fuzz,simulation,suites}/**/*.test.ts', ...FAULTS],
          ...patience,
          ...beside,
        },
      },
      {
        test: {
          name: 'product',
          execArgv,
          include: ['test/product/**/*.test.ts'],
          ...patience,
          // The walk-through of a clone is timed, and a browser takes a core.
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './test/workers/wrangler.toml' },
            verbose: false,
          }),
        ],
        test: {
          name: 'proof-workerd',
          include: ['test/workers/*.test.ts'],
          ...patience,
          // workerd has no file system: the conformance data is handed in.
          provide: { suiteData: packSuiteData() },
          maxWorkers: 2,
        },
      },
    ],
  },
});
