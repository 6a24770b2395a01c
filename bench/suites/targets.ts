/**
 * The table of the targets, in Node or in workerd: each row a ratio between two operations that
 * were timed in the same rounds.
 */
import { OPERATIONS, type OperationName, prepareOperations } from '../operations/index.ts';
import { loadReference } from '../peers/reference.node.ts';
import { type Report, verdict } from '../report.ts';
import { type Case, inProcess, measure, type Timings } from '../rounds.ts';
import { bundleWorker, startWorkerd, type Workerd, workerdVersion } from '../runtimes/workerd.ts';
import type { SuiteOptions } from './options.ts';

type Runtime = 'node' | 'workerd';

interface Row {
  readonly what: string;
  readonly of: OperationName;
  readonly by: OperationName;
  /** Where the target is "times faster", the least of that; else the most. */
  readonly kind: 'atLeast' | 'atMost';
  readonly target?: Readonly<Record<Runtime, number>>;
}

const ROWS: readonly Row[] = [
  {
    what: 'cold verify + authorize, 2 caveat blocks: times faster than biscuit-wasm',
    of: 'wasm cold',
    by: 'hewn cold',
    kind: 'atLeast',
    target: { node: 1, workerd: 2.2 },
  },
  {
    what: 'the same, times the floor (3 native verifies, 1 key derivation)',
    of: 'hewn cold',
    by: 'floor',
    kind: 'atMost',
    target: { node: 1.25, workerd: 1.25 },
  },
  {
    what: 'new step of a known workflow, times a jose jwtVerify',
    of: 'hewn new step',
    by: 'jose',
    kind: 'atMost',
    target: { node: 1.8, workerd: 1.6 },
  },
  {
    what: 'the same token again, decided anew, times a jose jwtVerify',
    of: 'hewn same token',
    by: 'jose',
    kind: 'atMost',
    target: { node: 1 / 3, workerd: 1 / 3 },
  },
  {
    what: 'narrow (3 checks, serialise): times faster than biscuit-wasm',
    of: 'wasm narrow',
    by: 'hewn narrow',
    kind: 'atLeast',
    target: { node: 1, workerd: 2.5 },
  },
  {
    what: 'narrow from the text of a token: times faster than biscuit-wasm',
    of: 'wasm narrow text',
    by: 'hewn narrow text',
    kind: 'atLeast',
  },
];

export async function nodeTargets(options: SuiteOptions): Promise<Report> {
  const operations = await prepareOperations(await loadReference());
  const cases = OPERATIONS.map((name) => inProcess(name, operations[name]));
  const title = `Targets in Node ${process.version}`;
  return report('biscuit', 'node', title, await measured(cases, options), options);
}

export async function workerdTargets(options: SuiteOptions): Promise<Report> {
  const folder = await bundleWorker(new URL('../runtimes/worker.ts', import.meta.url).pathname);
  try {
    const workerd = await startWorkerd(folder);
    try {
      const cases = OPERATIONS.map((name) => inWorkerd(workerd, name));
      const title = `Targets in workerd ${workerdVersion()}`;
      return report('workerd', 'workerd', title, await measured(cases, options), options);
    } finally {
      await workerd.stop();
    }
  } finally {
    await folder.remove();
  }
}

const measured = (cases: readonly Case[], options: SuiteOptions): Promise<Timings> =>
  measure(cases, {
    ...options,
    progress: (round) => options.progress(`round ${round} of ${options.rounds}`),
  });

/** Its clock stands still while it computes: it is timed from outside, less an empty request. */
function inWorkerd(workerd: Workerd, name: OperationName): Case {
  const request = async (times: number) => {
    const before = await workerd.cpuMicroseconds();
    const query = new URLSearchParams({ operation: name, times: String(times) });
    const response = await fetch(`${workerd.url}?${query}`);
    const text = await response.text();
    if (text !== 'done') throw new Error(`${name}: ${text}`);
    return (await workerd.cpuMicroseconds()) - before;
  };
  return {
    name,
    spend: async (operations) => {
      const spent = await request(operations);
      return Math.max(0, spent - (await request(0)));
    },
  };
}

function report(
  suite: string,
  runtime: Runtime,
  title: string,
  timings: Timings,
  { rounds, operationsPerRound }: SuiteOptions,
): Report {
  const rows = ROWS.map(({ what, of, by, kind, target }) => {
    const ratio = timings.ratio(of, by);
    const bound = target?.[runtime];
    const reached =
      bound === undefined ? undefined : kind === 'atLeast' ? ratio >= bound : ratio <= bound;
    return { what, ratio, kind, target: bound, reached };
  });
  const operations = OPERATIONS.map((name) => ({
    name,
    microseconds: timings.median(name),
    microsecondsP10: timings.p10(name),
  }));
  return {
    suite,
    title: `${title}, CPU time, medians of ${rounds} rounds of ${operationsPerRound} operations`,
    columns: ['', 'ratio', 'target', ''],
    rows: [
      ...rows.map(({ what, ratio, kind, target, reached }) => [
        what,
        ratio.toFixed(2),
        target === undefined ? '' : `${kind === 'atLeast' ? '>=' : '<='} ${target.toFixed(2)}`,
        reached === undefined ? '' : verdict(reached),
      ]),
      [],
      ['CPU microseconds for one operation', 'median', 'p10'],
      ...operations.map(({ name, microseconds, microsecondsP10 }) => [
        `  ${name}`,
        microseconds.toFixed(1),
        microsecondsP10.toFixed(1),
      ]),
    ],
    data: { runtime, rounds, operationsPerRound, targets: rows, operations },
  };
}
