import type { Report } from '../report.ts';
import type { SuiteOptions } from './options.ts';

export type { SuiteOptions } from './options.ts';

interface Suite {
  readonly about: string;
  /** Its sides run in several processes, so pinning them to one core would measure their turns. */
  readonly isUnpinned?: true;
  readonly run: (options: SuiteOptions) => Promise<Report | readonly Report[]>;
}

/** Loaded on demand, so that a suite does not measure what another one has loaded. */
export const SUITES = {
  capability: {
    about: 'verify, narrow and mint for 0, 2 and 5 caveat blocks',
    run: async (options) => (await import('./capability.ts')).capabilityReport(options),
  },
  biscuit: {
    about: 'the targets of the engine, in Node',
    run: async (options) => (await import('./targets.ts')).nodeTargets(options),
  },
  workerd: {
    about: 'the targets of the engine, in workerd',
    run: async (options) => (await import('./targets.ts')).workerdTargets(options),
  },
  approval: {
    about: 'what the approval of a call adds to its token and to a verification',
    run: async (options) => (await import('./approval.ts')).approvalReport(options),
  },
  bundle: {
    about: 'the size of what a gateway loads to decide',
    run: async () => (await import('./bundle.ts')).bundleReport(),
  },
  cold: {
    about: 'the first decision of a fresh process, in Node and in workerd',
    run: async (options) => (await import('./cold.ts')).coldReport(options),
  },
  heap: {
    about: 'memory after very many decisions, in Node and in workerd',
    run: async (options) => (await import('./heap.ts')).heapReport(options),
  },
  hostile: {
    about: 'the most expensive hostile tokens next to an honest one',
    run: async (options) => (await import('./hostile.ts')).hostileReport(options),
  },
  limits: {
    about: 'the largest input that a stranger can send on each path, and how its cost grows',
    run: async (options) => (await import('./limits.ts')).limitsReport(options),
  },
  labels: {
    about: 'what labels of a workflow add to a call, and how often the issuer is asked',
    run: async (options) => (await import('./labels.ts')).labelsReport(options),
  },
  origins: {
    about: 'a decision about values that must come from somewhere',
    run: async (options) => (await import('./origins.ts')).originsReport(options),
  },
  receipts: {
    about: 'the bytes of a receipt, and the time to issue and to check it',
    run: async (options) => (await import('./receipts.ts')).receiptsReport(options),
  },
  mint: {
    about: 'mints of our issuer on workerd next to oidc-provider on Node',
    run: async (options) => (await import('./mint.ts')).mintReport(options),
  },
  counts: {
    about: 'calls, rows and writes to the disk of one token request',
    run: async () => (await import('./counts.ts')).countsReport(),
  },
  cost: {
    about: 'a million decisions and a thousand workflows at list prices, from a counted run',
    run: async (options) => (await import('./cost.ts')).costReport(options),
  },
  feed: {
    about: 'revocation to denial, bytes, look-ups and memory of replicas, appends of the log',
    run: async (options) => (await import('./feed.ts')).feedReports(options),
  },
  serve: {
    about: 'mints, calls and revocations of `hewn serve` on this machine, and its memory',
    run: async (options) => (await import('./serve.ts')).serveReport(options),
  },
  console: {
    about: 'the pages of the console in Chromium with 200 living workflows, and their memory',
    isUnpinned: true,
    run: async (options) => (await import('./console.ts')).consoleReport(options),
  },
  bridge: {
    about: 'what hewn run adds to a call, next to a direct request',
    isUnpinned: true,
    run: async (options) => (await import('./bridge.ts')).bridgeReport(options),
  },
  gateway: {
    about: 'calls through our gateway, a plain forwarding Worker, and other gateways',
    isUnpinned: true,
    run: async (options) => (await import('./gateway.ts')).gatewayReport(options),
  },
} as const satisfies Record<string, Suite>;
